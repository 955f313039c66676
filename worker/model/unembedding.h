#ifndef PROBESWEEP_WORKER_MODEL_UNEMBEDDING_H_
#define PROBESWEEP_WORKER_MODEL_UNEMBEDDING_H_

#include <cstdint>
#include <memory>

#include "worker/model/linear.h"
#include "worker/model/model.h"
#include "worker/model/model_sizes.h"
#include "worker/model/norm.h"

namespace probesweep::worker {

// unembedding(projection(norm(x))); what has no name is left out.
struct UnembeddingOptions {
  const char* norm = nullptr;
  const char* projection = nullptr;  // from the model's hidden size to `width`, without a bias
  const char* unembedding = "lm_head";
  int64_t width = 0;  // of the rows of `unembedding`; 0: the model's hidden size
  Bias bias = Bias::kNone;
  NormOptions norm_options;
};

absl::StatusOr<std::unique_ptr<Head>> LoadUnembedding(WeightSource& weights, const ModelSizes& sizes,
                                                      const UnembeddingOptions& options);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_UNEMBEDDING_H_
