// Rotary frequencies stretched for contexts longer than those of the training.
#ifndef PROBESWEEP_WORKER_MODEL_ROTARY_SCALING_H_
#define PROBESWEEP_WORKER_MODEL_ROTARY_SCALING_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "worker/checkpoint/config_file.h"
#include "worker/model/rotary.h"

namespace probesweep::worker {

// Scales `options`, whose frequencies are those of `theta`, as rope_scaling or rope_parameters say. Errors:
// UNIMPLEMENTED for a rope_type that is not implemented, INVALID_ARGUMENT for a field of one that is.
absl::Status ReadRotaryScaling(const ConfigFile& config, double theta, RotaryOptions& options);

// The frequencies of a statement of `length` tokens, more than max_positions ("dynamic NTK").
std::vector<float> DynamicFrequencies(const DynamicRotary& dynamic, int64_t dimensions, int64_t length);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_ROTARY_SCALING_H_
