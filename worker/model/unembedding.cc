#include "worker/model/unembedding.h"

#include <ATen/ATen.h>

#include <optional>
#include <utility>

#include "common/status.h"

namespace probesweep::worker {
namespace {

struct Parts {
  std::optional<Norm> norm;
  std::optional<Linear> projection;
  Linear unembedding;
};

class Unembedding : public Head {
 public:
  explicit Unembedding(Parts parts) : parts_(std::move(parts)) {}

  at::Tensor Forward(const at::Tensor& residual) const override {
    at::Tensor x = residual;
    if (parts_.norm) x = (*parts_.norm)(x);
    if (parts_.projection) x = (*parts_.projection)(x);
    return parts_.unembedding(x);
  }

 private:
  const Parts parts_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Head>> LoadUnembedding(WeightSource& weights, const ModelSizes& sizes,
                                                      const UnembeddingOptions& options) {
  const int64_t width = options.width == 0 ? sizes.hidden : options.width;
  Parts parts;
  if (options.norm != nullptr) {
    PS_ASSIGN_OR_RETURN(parts.norm, Norm::Load(weights, options.norm, sizes.hidden, options.norm_options));
  }
  if (options.projection != nullptr) {
    PS_ASSIGN_OR_RETURN(parts.projection,
                        LoadLinear(weights, options.projection, width, sizes.hidden, Bias::kNone));
  }
  PS_ASSIGN_OR_RETURN(parts.unembedding,
                      LoadLinear(weights, options.unembedding, sizes.vocab, width, options.bias));
  return std::make_unique<Unembedding>(std::move(parts));
}

}  // namespace probesweep::worker
