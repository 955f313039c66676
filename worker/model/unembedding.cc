#include "worker/model/unembedding.h"

#include <ATen/ATen.h>

#include <utility>

namespace probesweep::worker {

Unembedding::Unembedding(UnembeddingWeights weights) : weights_(std::move(weights)) {}

at::Tensor Unembedding::Forward(const at::Tensor& residual) const {
  at::Tensor x = residual;
  if (weights_.norm) x = (*weights_.norm)(x);
  if (weights_.projection) x = (*weights_.projection)(x);
  return weights_.unembedding(x);
}

}  // namespace probesweep::worker
