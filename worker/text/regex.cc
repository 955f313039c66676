#include "worker/text/regex.h"

#include <unicode/regex.h>
#include <unicode/unistr.h>
#include <unicode/utf16.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/text/regex_dialect.h"

namespace probesweep::worker {
namespace {

// "." stops at \n only, "^" and "$" match at every line: as in Ruby's syntax.
constexpr uint32_t kRubyLines = UREGEX_MULTILINE | UREGEX_UNIX_LINES;

// ICU's unit is "some thousands of steps", some thousand units a second. Ordinary patterns need some 500
// units for a megabyte of words.
int32_t TimeLimit(size_t bytes) { return 500 + static_cast<int32_t>(bytes / 250); }

// The longest published ones have a few thousand.
constexpr size_t kMaxPatternBytes = size_t{1} << 14;

icu::UnicodeString ToUtf16(absl::string_view text) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

// Turns growing UTF-16 offsets of a text into UTF-8 ones, in one walk over the text.
class OffsetWalker {
 public:
  explicit OffsetWalker(const icu::UnicodeString& text) : units_(text.getBuffer()) {}

  size_t Utf8(int32_t utf16) {
    for (; at_ < utf16; ++at_) {
      const char16_t unit = units_[at_];
      if (unit < 0x80) {
        bytes_ += 1;
      } else if (unit < 0x800 || U16_IS_SURROGATE(unit)) {
        bytes_ += 2;  // a surrogate is half of four bytes
      } else {
        bytes_ += 3;
      }
    }
    return bytes_;
  }

 private:
  const char16_t* units_;
  int32_t at_ = 0;
  size_t bytes_ = 0;
};

}  // namespace

struct Regex::Compiled {
  std::unique_ptr<icu::RegexPattern> pattern;
};

Regex::Regex(std::string pattern, std::unique_ptr<Compiled> compiled)
    : pattern_(std::move(pattern)), compiled_(std::move(compiled)) {}

Regex::~Regex() = default;

absl::StatusOr<std::unique_ptr<Regex>> Regex::Compile(absl::string_view pattern) {
  if (pattern.size() > kMaxPatternBytes) {
    return absl::UnimplementedError(
        absl::StrCat("a regular expression of more than ", kMaxPatternBytes, " bytes"));
  }
  PS_RETURN_IF_ERROR(CheckRegexDialect(pattern));
  UErrorCode error = U_ZERO_ERROR;
  UParseError where{};
  auto compiled = std::make_unique<Compiled>();
  compiled->pattern.reset(
      icu::RegexPattern::compile(ToUtf16(ToIcuPattern(pattern)), kRubyLines, where, error));
  if (U_FAILURE(error)) {
    return absl::InvalidArgumentError(absl::StrCat("regular expression \"", ShownPattern(pattern),
                                                   "\" is wrong (", u_errorName(error), ")"));
  }
  return std::unique_ptr<Regex>(new Regex(std::string(pattern), std::move(compiled)));
}

absl::StatusOr<std::vector<Span>> Regex::Spans(absl::string_view text) const {
  const icu::UnicodeString utf16 = ToUtf16(text);
  UErrorCode error = U_ZERO_ERROR;
  // A matcher holds state: each call has its own.
  const std::unique_ptr<icu::RegexMatcher> matcher(compiled_->pattern->matcher(utf16, error));
  if (U_SUCCESS(error)) matcher->setTimeLimit(TimeLimit(text.size()), error);
  std::vector<Span> spans;
  OffsetWalker walker(utf16);
  size_t done = 0;
  while (U_SUCCESS(error) && matcher->find(error)) {
    const size_t begin = walker.Utf8(matcher->start(error));
    const size_t end = walker.Utf8(matcher->end(error));
    // An empty match right behind a match is not one.
    if (begin == end && !spans.empty() && spans.back().is_match && done == begin) continue;
    if (done != begin) spans.push_back({done, begin, false});
    spans.push_back({begin, end, true});
    done = end;
  }
  if (U_FAILURE(error)) {
    return absl::InvalidArgumentError(absl::StrCat("regular expression \"", ShownPattern(pattern_),
                                                   "\" gives up on a text of ", text.size(), " bytes (",
                                                   u_errorName(error), "); shorten the text"));
  }
  if (done != text.size()) spans.push_back({done, text.size(), false});
  return spans;
}

}  // namespace probesweep::worker
