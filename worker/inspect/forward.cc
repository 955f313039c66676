#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/safetensors.h"
#include "common/status.h"
#include "worker/engine/opened_checkpoint.h"
#include "worker/exec/activations.h"
#include "worker/exec/compute_pool.h"
#include "worker/inspect/commands.h"
#include "worker/inspect/json_lines.h"
#include "worker/text/tokenizer.h"

namespace probesweep::worker {
namespace {

using Prompts = std::vector<std::vector<int64_t>>;

absl::StatusOr<Prompts> ReadPromptFile(const ForwardOptions& options) {
  const absl::StatusOr<std::string> text = ReadFile(options.prompts);
  if (!text.ok()) return Annotate(text.status(), "--prompts");
  std::istringstream file(*text);
  std::unique_ptr<Tokenizer> tokenizer;  // opened when a text needs it: ids do without
  Prompts prompts;
  PS_RETURN_IF_ERROR(
      ReadPrompts(file, options.prompts, [&](const Prompt& prompt, const std::string& where) -> absl::Status {
        prompts.push_back(prompt.ids);
        if (prompt.has_ids) return absl::OkStatus();
        if (tokenizer == nullptr) {
          PS_ASSIGN_OR_RETURN(tokenizer, Tokenizer::Open(options.checkpoint));
        }
        const auto ids = tokenizer->Encode(prompt.text);
        if (!ids.ok()) return Annotate(ids.status(), where);
        if (ids->empty()) return absl::InvalidArgumentError(where + ": the text has no tokens");
        prompts.back() = *ids;
        return absl::OkStatus();
      }));
  if (prompts.empty()) return absl::InvalidArgumentError(absl::StrCat(options.prompts, " holds no prompt"));
  return prompts;
}

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
  PS_ASSIGN_OR_RETURN(const Prompts prompts, ReadPromptFile(options));
  PS_ASSIGN_OR_RETURN(
      const std::vector<PromptActivations> activations,
      ComputeActivations(*checkpoint.model, *checkpoint.weights, prompts, options.logits, &pool));
  PS_ASSIGN_OR_RETURN(const std::string bytes, Serialize(*checkpoint.model, prompts, activations));
  return WriteFileAtomically(options.out, bytes);
}

}  // namespace probesweep::worker
