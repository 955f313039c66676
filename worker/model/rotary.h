// Rotary position embeddings (Su et al., arXiv 2104.09864), in the half-split form of GPT-NeoX.
#ifndef PROBESWEEP_WORKER_MODEL_ROTARY_H_
#define PROBESWEEP_WORKER_MODEL_ROTARY_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "worker/checkpoint/config_file.h"
#include "worker/model/packed_layout.h"

namespace at {
class Tensor;
}

namespace probesweep::worker {

struct RotaryOptions {
  int64_t dimensions = 0;  // of each head, from its start, that are rotated; even
  double theta = 10000;
};

// Reads both generations of fields: rotary_pct, rotary_emb_base, rope_theta, rope_scaling, and
// rope_parameters{rope_theta, partial_rotary_factor, rope_type}. Errors: UNIMPLEMENTED for a scaling other
// than "default", INVALID_ARGUMENT for a share that is none.
absl::StatusOr<RotaryOptions> ReadRotary(const ConfigFile& config, int64_t head_dim, double default_share);

// Rotates `x`, fp32 [tokens, heads, head_dim], in place.
void ApplyRotary(const RotaryOptions& options, const PackedLayout& layout, at::Tensor& x);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_ROTARY_H_
