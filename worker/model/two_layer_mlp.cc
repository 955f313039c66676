#include "worker/model/two_layer_mlp.h"

#include <ATen/ATen.h>

#include "common/status.h"

namespace probesweep::worker {

at::Tensor TwoLayerMlp::operator()(const at::Tensor& x) const { return down(activation(up(x))); }

absl::StatusOr<TwoLayerMlp> LoadTwoLayerMlp(WeightSource& weights, const std::string& prefix,
                                            const ModelSizes& sizes, const TwoLayerMlpOptions& options) {
  TwoLayerMlp mlp;
  mlp.activation = options.activation;
  PS_ASSIGN_OR_RETURN(
      mlp.up, options.load(weights, prefix + options.up, sizes.intermediate, sizes.hidden, options.bias));
  PS_ASSIGN_OR_RETURN(
      mlp.down, options.load(weights, prefix + options.down, sizes.hidden, sizes.intermediate, options.bias));
  return mlp;
}

}  // namespace probesweep::worker
