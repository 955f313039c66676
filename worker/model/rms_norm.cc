#include "worker/model/rms_norm.h"

#include <ATen/ATen.h>

namespace probesweep::worker {

at::Tensor RmsNorm::operator()(const at::Tensor& x) const {
  const at::Tensor mean_square = x.square().mean(-1, /*keepdim=*/true);
  at::Tensor normal = x * mean_square.add_(epsilon).rsqrt_();
  if (weight.defined()) normal.mul_(weight);
  if (bias.defined()) normal.add_(bias);
  return normal;
}

}  // namespace probesweep::worker
