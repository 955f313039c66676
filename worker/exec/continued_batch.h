#ifndef PROBESWEEP_WORKER_EXEC_CONTINUED_BATCH_H_
#define PROBESWEEP_WORKER_EXEC_CONTINUED_BATCH_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "worker/exec/generation.h"
#include "worker/exec/resident_executor.h"
#include "worker/model/key_value_cache.h"
#include "worker/model/packed_layout.h"

namespace probesweep::worker {

// Prompts that are continued side by side, without padding; those that have ended leave. For one thread at a
// time; what it is given outlives it.
class ContinuedBatch {
 public:
  // Of the prompts [first, last).
  ContinuedBatch(const ResidentExecutor& executor, const std::vector<std::vector<int64_t>>& prompts,
                 size_t first, size_t last, const GenerationOptions& options,
                 const SteeringDirections& steering);

  // Continues all to their ends. Errors: as ResidentExecutor.
  absl::Status Run();

  // After Run: the prompts with their continuations, in the prompts' order.
  size_t first() const { return first_; }
  const std::vector<std::vector<int64_t>>& ids() const { return ids_; }

 private:
  ResidentInput WholePrompts();
  ResidentInput LastTokens();
  // Appends the tokens that follow; drops the statements that end with them.
  absl::Status Step(const ResidentInput& input, uint64_t step);

  const ResidentExecutor& executor_;
  const size_t first_;
  const GenerationOptions& options_;
  const SteeringDirections& steering_;
  std::vector<std::vector<int64_t>> ids_;  // by prompt
  std::vector<size_t> active_;             // places in ids_ of what goes on, in the caches' order
  std::vector<KeyValueCache> caches_;      // by block; none once all have ended
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_EXEC_CONTINUED_BATCH_H_
