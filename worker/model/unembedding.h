#ifndef PROBESWEEP_WORKER_MODEL_UNEMBEDDING_H_
#define PROBESWEEP_WORKER_MODEL_UNEMBEDDING_H_

#include <optional>

#include "worker/model/linear.h"
#include "worker/model/model.h"

namespace probesweep::worker {

struct UnembeddingWeights {
  std::optional<LayerNorm> norm;
  std::optional<Linear> projection;  // hidden → the embedding's width
  Linear unembedding;
};

// unembedding(projection(norm(x))); what is not there is left out.
class Unembedding : public Head {
 public:
  explicit Unembedding(UnembeddingWeights weights);
  at::Tensor Forward(const at::Tensor& residual) const override;

 private:
  const UnembeddingWeights weights_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_UNEMBEDDING_H_
