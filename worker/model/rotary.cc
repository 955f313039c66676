#include "worker/model/rotary.h"

#include <ATen/ATen.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status.h"

namespace probesweep::worker {

absl::StatusOr<RotaryOptions> ReadRotary(const ConfigFile& config, int64_t head_dim, double default_share) {
  PS_ASSIGN_OR_RETURN(const std::string type, config.StringOr({"rope_parameters.rope_type",
                                                               "rope_scaling.rope_type", "rope_scaling.type"},
                                                              "default"));
  if (type != "default") {
    return config.NotImplemented("rope_scaling.rope_type", absl::StrCat("'", type, "'"), "default");
  }
  PS_ASSIGN_OR_RETURN(const double share, config.NumberOr({"rope_parameters.partial_rotary_factor",
                                                           "partial_rotary_factor", "rotary_pct"},
                                                          default_share));
  if (share <= 0 || share > 1) return config.Invalid("rotary_pct", "must be above 0 and at most 1");
  RotaryOptions options;
  options.dimensions = static_cast<int64_t>(static_cast<double>(head_dim) * share);
  if (options.dimensions % 2 != 0) {
    return config.Invalid("rotary_pct",
                          absl::StrCat("gives ", options.dimensions, " rotated dimensions, which is odd"));
  }
  PS_ASSIGN_OR_RETURN(
      options.theta, config.NumberOr({"rope_parameters.rope_theta", "rope_theta", "rotary_emb_base"}, 10000));
  if (options.theta <= 0) return config.Invalid("rope_theta", "must be above 0");
  return options;
}

void ApplyRotary(const RotaryOptions& options, const PackedLayout& layout, at::Tensor& x) {
  if (options.dimensions == 0) return;
  const int64_t half = options.dimensions / 2;
  // In fp32 like the models' own code: what they were trained with.
  const at::Tensor exponents = at::arange(0, options.dimensions, 2, at::kFloat) / options.dimensions;
  const at::Tensor frequencies = at::reciprocal(at::pow(at::Scalar(options.theta), exponents));  // [half]
  const at::Tensor positions = at::arange(layout.longest(), at::kFloat);
  const at::Tensor angles = at::outer(positions, frequencies);  // [longest, half]
  const at::Tensor cosine = angles.cos();
  const at::Tensor sine = angles.sin();
  int64_t first = 0;
  for (const LengthRun& run : layout.runs) {
    const int64_t rows = run.statements * run.length;
    const at::Tensor part = x.narrow(0, first, rows).view({run.statements, run.length, x.size(1), x.size(2)});
    at::Tensor left = part.narrow(3, 0, half);  // [statements, length, heads, half]
    at::Tensor right = part.narrow(3, half, half);
    const at::Tensor c = cosine.narrow(0, 0, run.length).view({1, run.length, 1, half});
    const at::Tensor s = sine.narrow(0, 0, run.length).view({1, run.length, 1, half});
    const at::Tensor turned = left * c - right * s;
    right.copy_(right * c + left * s);
    left.copy_(turned);
    first += rows;
  }
}

}  // namespace probesweep::worker
