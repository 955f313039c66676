#include "worker/text/pattern.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "common/unicode.h"

namespace probesweep::worker {

absl::StatusOr<Pattern> Pattern::Read(const Component& owner) {
  const Component field = owner.Field("pattern");
  Pattern pattern;
  if (field.Has("String")) {
    PS_ASSIGN_OR_RETURN(pattern.literal_, field.String("String"));
    if (pattern.literal_.empty()) return owner.NotImplemented("an empty pattern");
    return pattern;
  }
  if (!field.Has("Regex")) return owner.Invalid("field \"pattern\" must have \"String\" or \"Regex\"");
  PS_ASSIGN_OR_RETURN(const std::string expression, field.String("Regex"));
  auto regex = Regex::Compile(expression);
  if (absl::IsUnimplemented(regex.status())) return owner.NotImplemented(regex.status().message());
  if (!regex.ok()) return owner.Invalid(regex.status().message());
  pattern.regex_ = *std::move(regex);
  return pattern;
}

absl::StatusOr<std::vector<Span>> Pattern::Spans(absl::string_view text) const {
  return regex_ != nullptr ? regex_->Spans(text) : SpansOfString(text, literal_);
}

absl::StatusOr<std::string> Pattern::Replace(absl::string_view text, absl::string_view content) const {
  PS_ASSIGN_OR_RETURN(const std::vector<Span> spans, Spans(text));
  size_t size = 0;
  for (const Span& span : spans) size += span.is_match ? content.size() : span.end - span.begin;
  if (size > kMaxTextBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the tokenizer makes ", size, " bytes of a text; at most ", kMaxTextBytes,
                     " are allowed: shorten the text or mend the tokenizer's Replace"));
  }
  std::string replaced;
  replaced.reserve(text.size());
  for (const Span& span : spans) {
    absl::StrAppend(&replaced, span.is_match ? content : text.substr(span.begin, span.end - span.begin));
  }
  return replaced;
}

}  // namespace probesweep::worker
