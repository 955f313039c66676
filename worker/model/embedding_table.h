#ifndef PROBESWEEP_WORKER_MODEL_EMBEDDING_TABLE_H_
#define PROBESWEEP_WORKER_MODEL_EMBEDDING_TABLE_H_

#include <cstdint>
#include <memory>

#include "worker/model/linear.h"
#include "worker/model/model.h"
#include "worker/model/model_sizes.h"
#include "worker/model/norm.h"

namespace probesweep::worker {

// norm(projection(tokens[id]) + positions[position]); what has no name is left out.
struct EmbeddingTableOptions {
  const char* tokens = "";
  const char* projection = nullptr;  // from `width` to the model's hidden size, without a bias
  const char* positions = nullptr;   // learned ones
  const char* norm = nullptr;
  int64_t width = 0;            // of the rows of `tokens`; 0: the model's hidden size
  int64_t position_count = 0;   // that statements may have
  int64_t position_offset = 0;  // rows of `positions` before the first one's
  NormOptions norm_options;
};

absl::StatusOr<std::unique_ptr<Embedding>> LoadEmbeddingTable(WeightSource& weights, const ModelSizes& sizes,
                                                              const EmbeddingTableOptions& options);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_EMBEDDING_TABLE_H_
