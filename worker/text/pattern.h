// The `pattern` of Split and Replace: {"String": …} or {"Regex": …}.
#ifndef PROBESWEEP_WORKER_TEXT_PATTERN_H_
#define PROBESWEEP_WORKER_TEXT_PATTERN_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/text/component.h"
#include "worker/text/piece.h"
#include "worker/text/regex.h"

namespace probesweep::worker {

// Immutable, thread-safe.
class Pattern {
 public:
  // Reads the field "pattern" of `owner`. Errors: INVALID_ARGUMENT, UNIMPLEMENTED, naming the owner.
  static absl::StatusOr<Pattern> Read(const Component& owner);

  // As Regex::Spans.
  absl::StatusOr<std::vector<Span>> Spans(absl::string_view text) const;
  // `text` with every match replaced by `content`, literally. Errors: INVALID_ARGUMENT when that has more
  // than kMaxTextBytes.
  absl::StatusOr<std::string> Replace(absl::string_view text, absl::string_view content) const;

 private:
  Pattern() = default;

  std::string literal_;  // searched for when there is no regex
  std::unique_ptr<Regex> regex_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_PATTERN_H_
