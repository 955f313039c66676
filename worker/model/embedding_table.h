#ifndef PROBESWEEP_WORKER_MODEL_EMBEDDING_TABLE_H_
#define PROBESWEEP_WORKER_MODEL_EMBEDDING_TABLE_H_

#include <ATen/core/Tensor.h>

#include <optional>

#include "worker/model/linear.h"
#include "worker/model/model.h"

namespace probesweep::worker {

struct EmbeddingTableWeights {
  at::Tensor tokens;                 // [vocab, width]
  std::optional<Linear> projection;  // width → hidden
  at::Tensor positions;              // [positions, hidden]: of each learned position; or undefined
  std::optional<LayerNorm> norm;
};

// norm(projection(tokens[id]) + positions[position]); what is not there is left out.
class EmbeddingTable : public Embedding {
 public:
  explicit EmbeddingTable(EmbeddingTableWeights weights);
  at::Tensor Forward(const at::Tensor& ids, const PackedLayout& layout) const override;

 private:
  const EmbeddingTableWeights weights_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_EMBEDDING_TABLE_H_
