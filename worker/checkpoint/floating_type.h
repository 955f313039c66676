#ifndef PROBESWEEP_WORKER_CHECKPOINT_FLOATING_TYPE_H_
#define PROBESWEEP_WORKER_CHECKPOINT_FLOATING_TYPE_H_

#include <ATen/core/Tensor.h>

#include <optional>

#include "common/safetensors.h"

namespace probesweep::worker {

// Torch's name for a floating-point type that weights are read in; nothing for the others.
std::optional<at::ScalarType> FloatingType(DType dtype);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_FLOATING_TYPE_H_
