#include "worker/inspect/prompt_file.h"

#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/status.h"
#include "worker/inspect/json_lines.h"

namespace probesweep::worker {
namespace {

absl::StatusOr<std::vector<int64_t>> IdsOf(const Prompt& prompt, const std::string& where,
                                           LazyTokenizer& tokenizer) {
  if (prompt.has_ids) return prompt.ids;
  PS_ASSIGN_OR_RETURN(const Tokenizer* opened, tokenizer.Get());
  auto ids = opened->Encode(prompt.text);
  if (!ids.ok()) return Annotate(ids.status(), where);
  if (ids->empty()) return absl::InvalidArgumentError(where + ": the text has no tokens");
  return ids;
}

}  // namespace

absl::StatusOr<PromptFile> ReadPromptFile(const std::string& path, LazyTokenizer& tokenizer) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return Annotate(text.status(), "--prompts");
  std::istringstream lines(*text);
  PromptFile file;
  PS_RETURN_IF_ERROR(
      ReadPrompts(lines, path, [&](const Prompt& prompt, const std::string& where) -> absl::Status {
        PS_ASSIGN_OR_RETURN(std::vector<int64_t> ids, IdsOf(prompt, where, tokenizer));
        file.prompts.push_back(std::move(ids));
        file.where.push_back(where);
        return absl::OkStatus();
      }));
  if (file.prompts.empty()) return absl::InvalidArgumentError(absl::StrCat(path, " holds no prompt"));
  return file;
}

}  // namespace probesweep::worker
