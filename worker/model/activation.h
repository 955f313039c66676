#ifndef PROBESWEEP_WORKER_MODEL_ACTIVATION_H_
#define PROBESWEEP_WORKER_MODEL_ACTIVATION_H_

#include "absl/status/statusor.h"
#include "worker/checkpoint/config_file.h"

namespace at {
class Tensor;
}

namespace probesweep::worker {

// An element-wise function that may change its argument in place.
using Activation = at::Tensor (*)(at::Tensor);

// The one that a configuration's hidden_act names: "gelu" (erf), "gelu_new" and its synonyms (tanh), "relu",
// "silu". Errors: UNIMPLEMENTED naming the field.
absl::StatusOr<Activation> ReadActivation(const ConfigFile& config, ConfigFile::Spellings field,
                                          const char* otherwise);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_ACTIVATION_H_
