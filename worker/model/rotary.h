// Rotary position embeddings (Su et al., arXiv 2104.09864), in the half-split form of GPT-NeoX.
#ifndef PROBESWEEP_WORKER_MODEL_ROTARY_H_
#define PROBESWEEP_WORKER_MODEL_ROTARY_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/checkpoint/config_file.h"
#include "worker/model/packed_layout.h"

namespace at {
class Tensor;
}

namespace probesweep::worker {

// Scaling "dynamic": a statement of more than `max_positions` tokens is rotated by a base that grows with its
// length, a shorter one by `theta`.
struct DynamicRotary {
  double theta = 10000;
  double factor = 1;
  int64_t max_positions = 0;
};

struct RotaryOptions {
  int64_t dimensions = 0;          // of each head, from its start, that are rotated
  std::vector<float> frequencies;  // [⌈dimensions / 2⌉] of the pairs, in radians per position
  double magnitude = 1;            // of the cosines and sines
  std::optional<DynamicRotary> dynamic = std::nullopt;

  // Up to so many tokens a position's rotation does not depend on the statement's length; 0: whatever it is.
  int64_t longest_of_one_base() const { return dynamic.has_value() ? dynamic->max_positions : 0; }
};

// theta^(−2 i / dimensions) for each pair i, in fp32 like the models' own code: what they were trained with.
std::vector<float> RotaryFrequencies(double theta, int64_t dimensions);

// What an architecture calls its rotations' fields, and takes without them.
struct RotaryFields {
  const char* share = "partial_rotary_factor";  // of each head's dimensions
  const char* theta = "rope_theta";
  double default_share = 1;
  double default_theta = 10000;
  // Whether an odd number of dimensions gets one more, whose pair has a frequency as well; else it is
  // refused.
  bool odd_gets_one_more = false;
};

// Reads both generations of fields: those, before which the same in rope_scaling or in
// rope_parameters{rope_theta, partial_rotary_factor, rope_type} count; of scalings "default", "linear",
// "dynamic", "llama3" and "yarn". Errors: UNIMPLEMENTED for another, INVALID_ARGUMENT for a share that is
// none and a scaling's fields.
absl::StatusOr<RotaryOptions> ReadRotary(const ConfigFile& config, int64_t head_dim,
                                         const RotaryFields& fields);

// Of an architecture that rotates whole heads. Also an error: UNIMPLEMENTED for a share of them, which
// transformers ignores or fails on.
absl::StatusOr<RotaryOptions> ReadWholeRotary(const ConfigFile& config, int64_t head_dim,
                                              double default_theta = 10000);

// Errors: INVALID_ARGUMENT, naming `field`, for a number of rotated dimensions that cannot be.
absl::Status CheckRotated(const ConfigFile& config, const char* field, int64_t dimensions);

// Rotates `x`, fp32 [rows, heads, head_dim], in place. Statements that share rows must not be longer than
// DynamicRotary::max_positions.
void ApplyRotary(const RotaryOptions& options, const PackedLayout& layout, at::Tensor& x);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_ROTARY_H_
