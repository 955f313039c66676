#include "common/status.h"
#include "worker/inspect/commands.h"
#include "worker/inspect/json_lines.h"
#include "worker/text/tokenizer.h"

namespace probesweep::worker {

absl::Status Tokenize(const TokenizeOptions& options, std::istream& input, std::ostream& output) {
  PS_ASSIGN_OR_RETURN(const std::unique_ptr<Tokenizer> tokenizer, Tokenizer::Open(options.checkpoint));
  PS_RETURN_IF_ERROR(ReadPrompts(
      input, "standard input", [&](const Prompt& prompt, const std::string& where) -> absl::Status {
        if (prompt.has_ids) return absl::InvalidArgumentError(where + ": has `ids`, not `text`");
        const auto ids = tokenizer->Encode(prompt.text, options.add_special_tokens);
        if (!ids.ok()) return Annotate(ids.status(), where);
        output << IdsLine(*ids);
        return absl::OkStatus();
      }));
  if (!output.flush()) return absl::UnknownError("cannot write the ids; is the disk full?");
  return absl::OkStatus();
}

}  // namespace probesweep::worker
