#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/safetensors.h"
#include "common/status.h"
#include "worker/engine/opened_checkpoint.h"
#include "worker/exec/activations.h"
#include "worker/exec/compute_pool.h"
#include "worker/inspect/commands.h"
#include "worker/inspect/prompt_file.h"

namespace probesweep::worker {
namespace {

using Prompts = std::vector<std::vector<int64_t>>;

absl::StatusOr<std::string> Serialize(const Model& model, const Prompts& prompts,
                                      const std::vector<PromptActivations>& activations) {
  std::vector<TensorToWrite> tensors;
  for (size_t i = 0; i < prompts.size(); ++i) {
    const std::string prefix = absl::StrCat("prompt_", i);
    const auto tokens = static_cast<int64_t>(prompts[i].size());
    const absl::string_view ids(reinterpret_cast<const char*>(prompts[i].data()),
                                prompts[i].size() * sizeof(int64_t));
    tensors.push_back({prefix + ".input_ids", DType::kI64, {tokens}, ids});
    tensors.push_back({prefix + ".block_outputs",
                       DType::kF32,
                       {model.layers(), tokens, model.hidden_size()},
                       activations[i].block_outputs});
    if (activations[i].logits.empty()) continue;
    tensors.push_back({prefix + ".logits", DType::kF32, {tokens, model.vocab_size()}, activations[i].logits});
  }
  return SerializeSafetensors(tensors, {{"format", "pt"}});
}

}  // namespace

absl::Status Forward(const ForwardOptions& options) {
  ComputePool pool(options.threads);
  PS_ASSIGN_OR_RETURN(const OpenedCheckpoint checkpoint, OpenCheckpoint(options.checkpoint));
  LazyTokenizer tokenizer(options.checkpoint);
  PS_ASSIGN_OR_RETURN(const PromptFile file, ReadPromptFile(options.prompts, tokenizer));
  PS_ASSIGN_OR_RETURN(
      const std::vector<PromptActivations> activations,
      ComputeActivations(*checkpoint.model, *checkpoint.weights, file.prompts, options.logits, &pool));
  PS_ASSIGN_OR_RETURN(const std::string bytes, Serialize(*checkpoint.model, file.prompts, activations));
  return WriteFileAtomically(options.out, bytes);
}

}  // namespace probesweep::worker
