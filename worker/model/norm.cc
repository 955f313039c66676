#include "worker/model/norm.h"

#include <ATen/ATen.h>

#include "common/status.h"

namespace probesweep::worker {

absl::StatusOr<Norm> Norm::Load(WeightSource& weights, const std::string& name, int64_t size,
                                const NormOptions& options) {
  at::Tensor weight, bias;
  if (options.weighted) {
    PS_ASSIGN_OR_RETURN(weight, weights.Read(name + ".weight", {size}));
    if (options.around_one) weight = weight + 1.0;
  }
  if (options.biased) {
    PS_ASSIGN_OR_RETURN(bias, weights.Read(name + ".bias", {size}));
  }
  Norm norm;
  if (options.form == NormForm::kRms) {
    norm.form_ = RmsNorm{weight, bias, options.epsilon};
  } else {
    norm.form_ = LayerNorm{weight, bias, options.epsilon};
  }
  return norm;
}

at::Tensor Norm::operator()(const at::Tensor& x) const {
  return std::visit([&x](const auto& form) { return form(x); }, form_);
}

}  // namespace probesweep::worker
