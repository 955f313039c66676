#include "worker/model/gated_mlp.h"

#include <ATen/ATen.h>

#include "common/status.h"

namespace probesweep::worker {

at::Tensor GatedMlp::operator()(const at::Tensor& x) const { return down(activation(gate(x)).mul_(up(x))); }

absl::StatusOr<GatedMlp> LoadGatedMlp(WeightSource& weights, const std::string& prefix,
                                      const GatedMlpOptions& options, const GatedMlpNames& names) {
  const int64_t hidden = options.hidden, intermediate = options.intermediate;
  const Bias bias = options.bias ? Bias::kRequired : Bias::kNone;
  GatedMlp mlp;
  mlp.activation = options.activation;
  PS_ASSIGN_OR_RETURN(mlp.gate, LoadLinear(weights, prefix + names.gate, intermediate, hidden, bias));
  PS_ASSIGN_OR_RETURN(mlp.up, LoadLinear(weights, prefix + names.up, intermediate, hidden, bias));
  PS_ASSIGN_OR_RETURN(mlp.down, LoadLinear(weights, prefix + names.down, hidden, intermediate, bias));
  return mlp;
}

}  // namespace probesweep::worker
