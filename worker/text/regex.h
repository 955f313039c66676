// The regular expressions of tokenizer.json, run by ICU.
#ifndef PROBESWEEP_WORKER_TEXT_REGEX_H_
#define PROBESWEEP_WORKER_TEXT_REGEX_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/text/piece.h"

namespace probesweep::worker {

// A compiled pattern. Patterns in tokenizer.json are written for Oniguruma's Ruby syntax: what ICU would read
// differently is refused rather than guessed (regex_dialect.h). Immutable, thread-safe.
class Regex {
 public:
  // Errors: INVALID_ARGUMENT (does not compile), UNIMPLEMENTED (means something else to ICU). Neither names
  // the file: the caller does.
  static absl::StatusOr<std::unique_ptr<Regex>> Compile(absl::string_view pattern);
  ~Regex();

  // Matches from the left without overlap, and what lies between them. `text` must be well-formed UTF-8.
  // Errors: INVALID_ARGUMENT when the pattern needs more memory or steps for this text than is reasonable.
  absl::StatusOr<std::vector<Span>> Spans(absl::string_view text) const;

 private:
  struct Compiled;
  Regex(std::string pattern, std::unique_ptr<Compiled> compiled);

  std::string pattern_;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_REGEX_H_
