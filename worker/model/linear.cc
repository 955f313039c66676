#include "worker/model/linear.h"

#include <ATen/ATen.h>

#include "common/status.h"

namespace probesweep::worker {
namespace {

absl::Status LoadBias(WeightSource& weights, const std::string& prefix, int64_t size, at::Tensor& bias) {
  const std::string name = prefix + ".bias";
  PS_ASSIGN_OR_RETURN(bias, weights.Read(name, {size}));
  return absl::OkStatus();
}

}  // namespace

at::Tensor Linear::operator()(const at::Tensor& x) const {
  return bias.defined() ? at::addmm(bias, x, weight.t()) : at::mm(x, weight.t());
}

absl::StatusOr<Linear> LoadLinear(WeightSource& weights, const std::string& prefix, int64_t out, int64_t in,
                                  Bias bias) {
  Linear linear;
  PS_ASSIGN_OR_RETURN(linear.weight, weights.Read(prefix + ".weight", {out, in}));
  const bool biased = bias == Bias::kIfPresent ? weights.Has(prefix + ".bias") : bias == Bias::kRequired;
  if (biased) PS_RETURN_IF_ERROR(LoadBias(weights, prefix, out, linear.bias));
  return linear;
}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
  return at::layer_norm(x, {x.size(-1)}, weight, bias, epsilon);
}

absl::StatusOr<LayerNorm> LoadLayerNorm(WeightSource& weights, const std::string& prefix, int64_t hidden,
                                        double epsilon) {
  LayerNorm norm;
  norm.epsilon = epsilon;
  PS_ASSIGN_OR_RETURN(norm.weight, weights.Read(prefix + ".weight", {hidden}));
  if (weights.Has(prefix + ".bias")) PS_RETURN_IF_ERROR(LoadBias(weights, prefix, hidden, norm.bias));
  return norm;
}

}  // namespace probesweep::worker
