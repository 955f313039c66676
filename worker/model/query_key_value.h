// One linear map to a token's queries, keys and values, however a checkpoint stores them.
#ifndef PROBESWEEP_WORKER_MODEL_QUERY_KEY_VALUE_H_
#define PROBESWEEP_WORKER_MODEL_QUERY_KEY_VALUE_H_

#include <string>

#include "absl/status/statusor.h"
#include "worker/model/linear.h"
#include "worker/model/model_sizes.h"

namespace probesweep::worker {

enum class QueryKeyValueForm {
  kApart,    // three tensors: q_proj, k_proj, v_proj
  kStacked,  // one: the queries of all heads, all keys, all values
  kGrouped,  // one: for each key and value head the queries of the heads that it serves, its key, its value
};

struct QueryKeyValueOptions {
  QueryKeyValueForm form = QueryKeyValueForm::kApart;
  const char* name = "query_key_value";  // of the one tensor
  Bias bias = Bias::kRequired;
  LinearLoader load = LoadLinear;
};

// Rows: the queries of all heads, all keys, all values. Reads names that begin with `prefix`.
absl::StatusOr<Linear> LoadQueryKeyValue(WeightSource& weights, const std::string& prefix,
                                         const ModelSizes& sizes, const QueryKeyValueOptions& options);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_QUERY_KEY_VALUE_H_
