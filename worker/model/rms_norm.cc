#include "worker/model/rms_norm.h"

#include <ATen/ATen.h>

#include "common/status.h"

namespace probesweep::worker {

at::Tensor RmsNorm::operator()(const at::Tensor& x) const {
  const at::Tensor mean_square = x.square().mean(-1, /*keepdim=*/true);
  return (x * mean_square.add_(epsilon).rsqrt_()).mul_(weight);
}

absl::StatusOr<RmsNorm> LoadRmsNorm(WeightSource& weights, const std::string& prefix, int64_t size,
                                    double epsilon) {
  RmsNorm norm;
  norm.epsilon = epsilon;
  PS_ASSIGN_OR_RETURN(norm.weight, weights.Read(prefix + ".weight", {size}));
  return norm;
}

}  // namespace probesweep::worker
