#include "server/scheduling/training_position.h"

#include <cmath>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace probesweep::server {
namespace {

// The count that stands at `text`'s start, as in "1000", "4B", "4.2B"; nothing when there is none.
std::optional<int64_t> ReadCount(absl::string_view text) {
  size_t digits = 0;
  while (digits < text.size() && (absl::ascii_isdigit(text[digits]) ||
                                  (text[digits] == '.' && digits > 0 && digits + 1 < text.size() &&
                                   absl::ascii_isdigit(text[digits + 1])))) {
    ++digits;
  }
  double value = 0;
  if (digits == 0 || !absl::SimpleAtod(text.substr(0, digits), &value)) return std::nullopt;
  double unit = 1;
  if (digits < text.size() && (digits + 1 == text.size() || !absl::ascii_isalpha(text[digits + 1]))) {
    switch (absl::ascii_tolower(text[digits])) {
      case 'k':
        unit = 1e3;
        break;
      case 'm':
        unit = 1e6;
        break;
      case 'b':
        unit = 1e9;
        break;
      case 't':
        unit = 1e12;
        break;
      default:
        break;
    }
  }
  value = std::round(value * unit);
  if (value > 9e18) return std::nullopt;
  return static_cast<int64_t>(value);
}

// The count after the last "<word>", "<word>_", "<word>-" or "<word>=" in `name`.
std::optional<int64_t> CountAfter(absl::string_view name, absl::string_view word) {
  std::optional<int64_t> found;
  for (size_t at = name.find(word); at != absl::string_view::npos; at = name.find(word, at + 1)) {
    // "ministep" is another word than "step"; "global_step" is not.
    if (at > 0 && absl::ascii_isalpha(name[at - 1])) continue;
    absl::string_view rest = name.substr(at + word.size());
    if (!rest.empty() && (rest[0] == '_' || rest[0] == '-' || rest[0] == '=')) rest.remove_prefix(1);
    if (std::optional<int64_t> count = ReadCount(rest)) found = count;
  }
  return found;
}

}  // namespace

TrainingPosition ReadTrainingPosition(absl::string_view original) {
  const std::string name = absl::AsciiStrToLower(original);
  TrainingPosition position;
  for (const char* word : {"step", "steps", "iter", "iteration", "checkpoint", "ckpt"}) {
    if (!position.step) position.step = CountAfter(name, word);
  }
  if (!position.step && !name.empty() && name.find_first_not_of("0123456789") == std::string::npos) {
    position.step = ReadCount(name);
  }
  for (const char* word : {"tokens", "token", "tok"}) {
    if (!position.tokens) position.tokens = CountAfter(name, word);
  }
  return position;
}

}  // namespace probesweep::server
