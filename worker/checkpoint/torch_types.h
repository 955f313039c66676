// The names that tensors' pickles use.
#ifndef PROBESWEEP_WORKER_CHECKPOINT_TORCH_TYPES_H_
#define PROBESWEEP_WORKER_CHECKPOINT_TORCH_TYPES_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "common/safetensors.h"

namespace probesweep::worker {

// The element type of a storage class ("FloatStorage"); bytes for one without ("UntypedStorage").
std::optional<DType> StorageType(absl::string_view module, absl::string_view name);

// The type that a name in the module "torch" stands for ("bfloat16").
std::optional<DType> TorchDType(absl::string_view module, absl::string_view name);

// Whether a pickle may name this: what rebuilds tensors from storages, and types that take part in it.
// Anything else, Python would import, and often run.
bool PickleAllows(absl::string_view module, absl::string_view name);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_TORCH_TYPES_H_
