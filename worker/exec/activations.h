// Every activation of a few prompts: what the inspection commands show.
#ifndef PROBESWEEP_WORKER_EXEC_ACTIVATIONS_H_
#define PROBESWEEP_WORKER_EXEC_ACTIVATIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/checkpoint/weight_source.h"
#include "worker/exec/compute_pool.h"
#include "worker/model/model.h"

namespace probesweep::worker {

// fp32 values as bytes, row-major.
struct PromptActivations {
  std::string block_outputs;  // [layers, tokens, hidden]: the residual stream after each block
  std::string logits;         // [tokens, vocab]; empty unless asked for
};

// Runs the prompts through the layer-wise executor that probing uses. Errors: as LayerwiseExecutor, DATA_LOSS
// for logits that are not finite, and those of RunTorch.
absl::StatusOr<std::vector<PromptActivations>> ComputeActivations(
    const Model& model, WeightSource& weights, const std::vector<std::vector<int64_t>>& prompts, bool logits,
    ComputePool* pool);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_EXEC_ACTIVATIONS_H_
