#include "worker/model/linear.h"

#include <ATen/ATen.h>

#include "common/status.h"

namespace probesweep::worker {

at::Tensor Linear::operator()(const at::Tensor& x) const {
  return bias.defined() ? at::addmm(bias, x, weight.t()) : at::mm(x, weight.t());
}

absl::StatusOr<Linear> LoadLinear(WeightSource& weights, const std::string& prefix, int64_t out, int64_t in,
                                  Bias bias) {
  Linear linear;
  PS_ASSIGN_OR_RETURN(linear.weight, weights.Read(prefix + ".weight", {out, in}));
  if (bias == Bias::kRequired) {
    PS_ASSIGN_OR_RETURN(linear.bias, weights.Read(prefix + ".bias", {out}));
  }
  return linear;
}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
  return at::layer_norm(x, {x.size(-1)}, weight, bias, epsilon);
}

}  // namespace probesweep::worker
