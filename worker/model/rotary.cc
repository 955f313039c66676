#include "worker/model/rotary.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/model/rotary_scaling.h"
#include "worker/model/row_index.h"

namespace probesweep::worker {
namespace {

struct Turns {
  at::Tensor cosine, sine;  // [positions, half]
};

// Of positions first, first + 1, …, last − 1.
Turns TurnsOf(const std::vector<float>& frequencies, int64_t first, int64_t last, double magnitude) {
  const at::Tensor angles = at::outer(at::arange(first, last, at::kFloat), at::tensor(frequencies));
  Turns turns{angles.cos(), angles.sin()};
  if (magnitude != 1) {
    turns.cosine.mul_(magnitude);
    turns.sine.mul_(magnitude);
  }
  return turns;
}

// Rows of one length, [statements, length, heads, head_dim], in place; the first of each by row `from` of the
// turns.
void Turn(const Turns& turns, int64_t from, const at::Tensor& rows) {
  const int64_t length = rows.size(1);
  const int64_t half = turns.cosine.size(1);
  at::Tensor left = rows.narrow(3, 0, half);  // [statements, length, heads, half]
  at::Tensor right = rows.narrow(3, half, half);
  const at::Tensor c = turns.cosine.narrow(0, from, length).view({1, length, 1, half});
  const at::Tensor s = turns.sine.narrow(0, from, length).view({1, length, 1, half});
  const at::Tensor turned = left * c - right * s;
  right.copy_(right * c + left * s);
  left.copy_(turned);
}

// From the first position of a layout's tokens to behind the last.
std::pair<int64_t, int64_t> Positions(const PackedLayout& layout) {
  int64_t earliest = layout.runs.empty() ? 0 : layout.runs.front().start;
  int64_t end = 0;
  for (const LengthRun& run : layout.runs) {
    earliest = std::min(earliest, run.start);
    end = std::max(end, run.start + run.length);
  }
  return {earliest, end};
}

}  // namespace

std::vector<float> RotaryFrequencies(double theta, int64_t dimensions) {
  if (dimensions == 0) return {};
  const at::Tensor exponents = at::arange(0, dimensions, 2, at::kFloat) / dimensions;
  const at::Tensor frequencies = at::reciprocal(at::pow(at::Scalar(theta), exponents));  // [half]
  const float* const first = frequencies.data_ptr<float>();
  return std::vector<float>(first, first + frequencies.numel());
}

absl::Status CheckRotated(const ConfigFile& config, const char* field, int64_t dimensions) {
  constexpr int64_t kMost = 1 << 16;  // configurations are untrusted, and a list has half as many entries
  if (dimensions % 2 == 0 && dimensions <= kMost) return absl::OkStatus();
  return config.Invalid(field, absl::StrCat("gives ", dimensions, " rotated dimensions of a head, ",
                                            dimensions % 2 != 0 ? "which is odd" : "more than can be"));
}

absl::StatusOr<RotaryOptions> ReadRotary(const ConfigFile& config, int64_t head_dim,
                                         const RotaryFields& fields) {
  // In transformers' order: what a scaling says comes first.
  PS_ASSIGN_OR_RETURN(const double share,
                      config.NumberOr({"rope_scaling.partial_rotary_factor",
                                       "rope_parameters.partial_rotary_factor", fields.share},
                                      fields.default_share));
  if (share <= 0 || share > 1) return config.Invalid(fields.share, "must be above 0 and at most 1");
  RotaryOptions options;
  options.dimensions = static_cast<int64_t>(static_cast<double>(head_dim) * share);
  const int64_t one_more = fields.odd_gets_one_more ? options.dimensions % 2 : 0;
  PS_RETURN_IF_ERROR(CheckRotated(config, fields.share, options.dimensions + one_more));
  PS_ASSIGN_OR_RETURN(const double theta,
                      config.NumberOr({"rope_scaling.rope_theta", "rope_parameters.rope_theta", fields.theta},
                                      fields.default_theta));
  if (theta <= 0) return config.Invalid(fields.theta, "must be above 0");
  options.frequencies = RotaryFrequencies(theta, options.dimensions);
  const RotaryOptions unscaled = options;
  PS_RETURN_IF_ERROR(ReadRotaryScaling(config, theta, options));
  const bool scaled = options.frequencies != unscaled.frequencies || options.dynamic.has_value();
  if (options.dimensions % 2 != 0 && scaled) {
    return config.NotImplemented(fields.share,
                                 absl::StrCat("a share that rotates ", options.dimensions, " dimensions"),
                                 "an even number of them where the rotations are scaled");
  }
  return options;
}

absl::StatusOr<RotaryOptions> ReadWholeRotary(const ConfigFile& config, int64_t head_dim,
                                              double default_theta) {
  RotaryFields fields;
  fields.default_theta = default_theta;
  PS_ASSIGN_OR_RETURN(RotaryOptions options, ReadRotary(config, head_dim, fields));
  if (options.dimensions == head_dim) return options;
  return config.NotImplemented(
      fields.share,
      absl::StrCat("a share that rotates ", options.dimensions, " of ", head_dim, " dimensions"),
      absl::StrCat("1 for '", config.model_type(), "'"));
}

void ApplyRotary(const RotaryOptions& options, const PackedLayout& layout, at::Tensor& x) {
  if (options.dimensions == 0) return;
  const auto [earliest, end] = Positions(layout);
  const Turns shared = TurnsOf(options.frequencies, earliest, end, options.magnitude);
  if (layout.shared != nullptr) {
    const at::Tensor positions = RowIndex(layout.shared->position_of_row);
    const Turns of_rows{shared.cosine.index_select(0, positions), shared.sine.index_select(0, positions)};
    Turn(of_rows, 0, x.unsqueeze(0));
    return;
  }
  int64_t first = 0;
  for (const LengthRun& run : layout.runs) {
    const int64_t rows = run.statements * run.length;
    const at::Tensor part = x.narrow(0, first, rows).view({run.statements, run.length, x.size(1), x.size(2)});
    const int64_t seen = run.start + run.length;
    if (options.dynamic.has_value() && seen > options.dynamic->max_positions) {
      const std::vector<float> own = DynamicFrequencies(*options.dynamic, options.dimensions, seen);
      Turn(TurnsOf(own, run.start, seen, options.magnitude), 0, part);
    } else {
      Turn(shared, run.start - earliest, part);
    }
    first += rows;
  }
}

}  // namespace probesweep::worker
