// Where torch's exceptions become statuses.
#ifndef PROBESWEEP_WORKER_EXEC_TORCH_BOUNDARY_H_
#define PROBESWEEP_WORKER_EXEC_TORCH_BOUNDARY_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace probesweep::worker {

// Runs `work` without recording gradients. Exceptions become RESOURCE_EXHAUSTED (out of memory) or INTERNAL.
absl::Status RunTorch(absl::FunctionRef<absl::Status()> work);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_EXEC_TORCH_BOUNDARY_H_
