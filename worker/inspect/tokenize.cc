#include <nlohmann/json.hpp>

#include "common/status.h"
#include "worker/inspect/commands.h"
#include "worker/inspect/json_lines.h"
#include "worker/model/threads.h"
#include "worker/text/tokenizer.h"

namespace probesweep::worker {
namespace {

// What is held in memory at a time: enough to keep all cores busy.
constexpr size_t kTextsAtOnce = 4096;
constexpr size_t kBytesAtOnce = size_t{8} << 20;

// Texts waiting to be encoded, and where each stands in the input.
class TextBlock {
 public:
  TextBlock(const TokenizeOptions& options, const Tokenizer& tokenizer, std::ostream& output)
      : options_(options),
        tokenizer_(tokenizer),
        output_(output),
        threads_(options.threads == 0 ? UsableCores() : options.threads) {}

  absl::Status Add(std::string text, const std::string& where) {
    bytes_ += text.size();
    texts_.push_back(std::move(text));
    where_.push_back(where);
    if (texts_.size() < kTextsAtOnce && bytes_ < kBytesAtOnce) return absl::OkStatus();
    return Write();
  }

  absl::Status Write() {
    const auto results = tokenizer_.EncodeBatch(texts_, threads_, options_.add_special_tokens);
    for (size_t i = 0; i < results.size(); ++i) {
      if (!results[i].ok()) {
        failed_ = true;
        return Annotate(results[i].status(), where_[i]);
      }
      output_ << Line(*results[i]);
    }
    texts_.clear();
    where_.clear();
    bytes_ = 0;
    return absl::OkStatus();
  }

  // A text could not be encoded: those behind it are not to be given.
  bool failed() const { return failed_; }

 private:
  std::string Line(const TokenIds& ids) const {
    if (!options_.decode) return IdsLine(ids);
    return nlohmann::json{{"ids", ids}, {"text", tokenizer_.Decode(ids)}}.dump() + "\n";
  }

  const TokenizeOptions& options_;
  const Tokenizer& tokenizer_;
  std::ostream& output_;
  const int threads_;
  std::vector<std::string> texts_;
  std::vector<std::string> where_;
  size_t bytes_ = 0;
  bool failed_ = false;
};

}  // namespace

absl::Status Tokenize(const TokenizeOptions& options, std::istream& input, std::ostream& output) {
  PS_ASSIGN_OR_RETURN(const std::unique_ptr<Tokenizer> tokenizer, Tokenizer::Open(options.checkpoint));
  TextBlock block(options, *tokenizer, output);
  const absl::Status read = ReadPrompts(
      input, "standard input", [&](const Prompt& prompt, const std::string& where) -> absl::Status {
        if (prompt.has_ids) return absl::InvalidArgumentError(where + ": has `ids`, not `text`");
        return block.Add(prompt.text, where);
      });
  // What stands before a line that is wrong is given.
  if (!block.failed()) PS_RETURN_IF_ERROR(block.Write());
  PS_RETURN_IF_ERROR(read);
  if (!output.flush()) return absl::UnknownError("cannot write the ids; is the disk full?");
  return absl::OkStatus();
}

}  // namespace probesweep::worker
