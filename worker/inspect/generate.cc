#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/logging.h"
#include "common/status.h"
#include "worker/engine/opened_checkpoint.h"
#include "worker/exec/compute_pool.h"
#include "worker/exec/generation.h"
#include "worker/inspect/commands.h"
#include "worker/inspect/generation_config.h"
#include "worker/inspect/prompt_file.h"

namespace probesweep::worker {
namespace {

SamplingOptions SamplingOf(const GenerateOptions& options) {
  SamplingOptions sampling;
  const bool limited = options.top_k.has_value() || options.top_p.has_value();
  sampling.temperature = options.temperature.value_or(limited ? 1 : 0);
  sampling.top_k = options.top_k.value_or(0);
  sampling.top_p = options.top_p.value_or(1);
  sampling.seed = options.seed;
  return sampling;
}

absl::StatusOr<GenerationOptions> Understand(const GenerateOptions& options, const Model& model) {
  GenerationOptions understood;
  understood.max_new_tokens = options.max_new_tokens;
  understood.batch = options.batch;
  understood.sampling = SamplingOf(options);
  PS_ASSIGN_OR_RETURN(understood.steering, ReadSteering(options.steer, model, options.checkpoint));
  PS_ASSIGN_OR_RETURN(const GenerationConfig config, ReadGenerationConfig(options.checkpoint));
  if (!options.ignore_eos) understood.stop_ids = config.stop_ids;
  if (!config.not_applied.empty()) {
    spdlog::warn(
        "{} sets {}: not applied; tokens are chosen as the flags say, greedily "
        "without any",
        config.path, absl::StrJoin(config.not_applied, ", "));
  }
  return understood;
}

absl::Status CheckPrompts(const PromptFile& file, const Model& model, int64_t max_new_tokens) {
  for (size_t i = 0; i < file.prompts.size(); ++i) {
    const absl::Status status = CheckPrompt(model, file.prompts[i], max_new_tokens);
    if (!status.ok()) return Annotate(status, file.where[i] + ": the prompt");
  }
  return absl::OkStatus();
}

// Null when the folder has no tokenizer, or one that is not understood: ids do without.
const Tokenizer* TokenizerForText(LazyTokenizer& lazy) {
  const absl::StatusOr<const Tokenizer*> tokenizer = lazy.Get();
  if (tokenizer.ok()) return *tokenizer;
  if (!absl::IsNotFound(tokenizer.status())) {
    spdlog::warn("no text is given: {}", tokenizer.status().message());
  }
  return nullptr;
}

std::string Line(const std::vector<int64_t>& ids, const Tokenizer* tokenizer) {
  std::string line = absl::StrCat("{\"ids\":[", absl::StrJoin(ids, ","), "]");
  if (tokenizer != nullptr) {
    const std::string text = tokenizer->Decode(ids, /*skip_special_tokens=*/true);
    absl::StrAppend(&line, ",\"text\":", nlohmann::json(text).dump());
  }
  return line + "}\n";
}

}  // namespace

absl::Status Generate(const GenerateOptions& options, std::ostream& output) {
  ComputePool pool(options.threads);
  PS_ASSIGN_OR_RETURN(const OpenedCheckpoint checkpoint, OpenCheckpoint(options.checkpoint));
  LazyTokenizer tokenizer(options.checkpoint);
  PS_ASSIGN_OR_RETURN(const PromptFile file, ReadPromptFile(options.prompts, tokenizer));
  PS_RETURN_IF_ERROR(CheckPrompts(file, *checkpoint.model, options.max_new_tokens));
  PS_ASSIGN_OR_RETURN(const GenerationOptions generation, Understand(options, *checkpoint.model));
  const Tokenizer* const for_text = TokenizerForText(tokenizer);
  PS_ASSIGN_OR_RETURN(const std::unique_ptr<ResidentExecutor> executor,
                      ResidentExecutor::Load(*checkpoint.model, *checkpoint.weights));
  return ContinuePrompts(*executor, file.prompts, generation, &pool,
                         [&](size_t, const std::vector<int64_t>& ids) -> absl::Status {
                           output << Line(ids, for_text);
                           // Line by line, for those who watch.
                           if (output.flush()) return absl::OkStatus();
                           return absl::UnknownError("cannot write the texts; is the disk full?");
                         });
}

}  // namespace probesweep::worker
