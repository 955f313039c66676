// Continues prompts token by token.
#ifndef PROBESWEEP_WORKER_EXEC_GENERATION_H_
#define PROBESWEEP_WORKER_EXEC_GENERATION_H_

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "worker/exec/compute_pool.h"
#include "worker/exec/resident_executor.h"
#include "worker/exec/sampler.h"
#include "worker/exec/steering.h"

namespace probesweep::worker {

struct GenerationOptions {
  int64_t max_new_tokens = 0;     // at least 1
  std::vector<int64_t> stop_ids;  // a continuation ends behind the first of these
  SamplingOptions sampling;
  std::vector<Steering> steering;
  // Prompts that go side by side, as one job on one core. More of them share the reading of weights, and need
  // more memory for keys and values. Fixes a result's bits together with the prompts' order.
  int64_t batch = 16;
};

// Errors: INVALID_ARGUMENT when the model cannot take the prompt: empty, a token that it does not have, more
// positions than it has learned.
absl::Status CheckPrompt(const Model& model, const std::vector<int64_t>& prompt, int64_t max_new_tokens);

using OnContinued = absl::FunctionRef<absl::Status(size_t prompt, const std::vector<int64_t>& ids)>;

// Continues each prompt until a stop token or max_new_tokens, greedily or by draws that depend on seed,
// prompt index and step (NextToken). Batches of prompts run side by side on the pool's cores; no more of them
// than cores hold keys and values at a time. `on_continued` gets each prompt with its continuation, a stop
// token included, in the prompts' order, on the calling thread; an error of it ends the work. All prompts are
// checked first. Errors: INVALID_ARGUMENT (options, or a prompt: "prompt <i>", from 1); those of
// ResidentExecutor and RunTorch.
absl::Status ContinuePrompts(const ResidentExecutor& executor,
                             const std::vector<std::vector<int64_t>>& prompts,
                             const GenerationOptions& options, ComputePool* pool, OnContinued on_continued);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_EXEC_GENERATION_H_
