#include "worker/text/regex_dialect.h"

#include <unicode/uchar.h>

#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "common/newer_characters.h"

namespace probesweep::worker {
namespace {

constexpr absl::string_view kGroupOpenings[] = {"(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:"};

class DialectChecker {
 public:
  explicit DialectChecker(absl::string_view pattern) : pattern_(pattern) {}

  absl::Status Check() {
    while (at_ < pattern_.size()) PS_RETURN_IF_ERROR(CheckOne());
    return absl::OkStatus();
  }

 private:
  absl::string_view rest() const { return pattern_.substr(at_); }

  absl::Status Refuse(absl::string_view construct) const {
    return absl::UnimplementedError(absl::StrCat(
        "\"", construct, "\" at byte ", at_, " of the regular expression \"", ShownPattern(pattern_), "\""));
  }

  absl::Status CheckOne() {
    switch (pattern_[at_]) {
      case '\\':
        return CheckEscape();
      case '(':
        return CheckGroup();
      case '[':
        ++at_;
        ++class_depth_;
        return CheckClass();
      case '}':
        // Ruby repeats the repetition, ICU makes it possessive.
        if (absl::StartsWith(rest(), "}+")) return Refuse("}+");
        break;
      case '{':
        if (absl::StartsWith(rest(), "{,")) return Refuse("{,");
        break;
      default:
        break;
    }
    ++at_;
    return absl::OkStatus();
  }

  absl::Status CheckGroup() {
    if (!absl::StartsWith(rest(), "(?")) {
      ++at_;
      return absl::OkStatus();
    }
    for (const absl::string_view opening : kGroupOpenings) {
      if (absl::StartsWith(rest(), opening)) {
        at_ += opening.size();
        return absl::OkStatus();
      }
    }
    return Refuse(rest().substr(0, 4));
  }

  // Stands behind the '[' of a class; leaves behind its ']'.
  absl::Status CheckClass() {
    if (absl::StartsWith(rest(), "^")) ++at_;
    if (absl::StartsWith(rest(), "]")) return Refuse("[]");
    while (class_depth_ > 0 && at_ < pattern_.size()) {
      const char c = pattern_[at_];
      if (c == '\\') {
        PS_RETURN_IF_ERROR(CheckEscape());
        continue;
      }
      // Set operations and POSIX classes are read differently. A class within a class is a union to both.
      for (const absl::string_view operation : {"&&", "--", "[:", "[^", "[]"}) {
        if (absl::StartsWith(rest(), operation)) return Refuse(operation);
      }
      if (c == '[') ++class_depth_;
      if (c == ']') --class_depth_;
      ++at_;
    }
    return absl::OkStatus();
  }

  absl::Status CheckEscape() {
    if (at_ + 1 >= pattern_.size()) return Refuse("\\");
    const char c = pattern_[at_ + 1];
    if (c == 'p' || c == 'P') return CheckProperty();
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) && !absl::StrContains("sSdDnrtfaexuA", c)) {
      return Refuse(rest().substr(0, 2));
    }
    at_ += 2;
    return absl::OkStatus();
  }

  absl::Status CheckProperty() {
    const size_t close = rest().find('}');
    if (!absl::StartsWith(rest().substr(2), "{") || close == absl::string_view::npos) {
      return Refuse(rest().substr(0, 2));
    }
    const std::string name(rest().substr(3, close - 3));
    const bool known =
        u_getPropertyValueEnum(UCHAR_GENERAL_CATEGORY_MASK, name.c_str()) != UCHAR_INVALID_CODE ||
        u_getPropertyValueEnum(UCHAR_SCRIPT, name.c_str()) != UCHAR_INVALID_CODE;
    if (!known) return Refuse(rest().substr(0, close + 1));
    at_ += close + 1;
    return absl::OkStatus();
  }

  const absl::string_view pattern_;
  size_t at_ = 0;
  int class_depth_ = 0;
};

// Where an escape ends that begins at `at`.
size_t EscapeEnd(absl::string_view pattern, size_t at) {
  const char c = pattern[at + 1];
  return c == 'p' || c == 'P' ? pattern.find('}', at) + 1 : at + 2;
}

// The general categories that \p{…}, \P{…}, \d or \D stands for; 0 for another escape.
uint32_t Categories(absl::string_view escape) {
  if (absl::EqualsIgnoreCase(escape, "\\d")) return U_GC_ND_MASK;
  if (escape.size() < 4) return 0;
  const std::string name(escape.substr(3, escape.size() - 4));
  const int32_t mask = u_getPropertyValueEnum(UCHAR_GENERAL_CATEGORY_MASK, name.c_str());
  return mask == UCHAR_INVALID_CODE ? 0 : static_cast<uint32_t>(mask);
}

}  // namespace

absl::Status CheckRegexDialect(absl::string_view pattern) { return DialectChecker(pattern).Check(); }

std::string ShownPattern(absl::string_view pattern) {
  constexpr size_t kShown = 200;
  return pattern.size() <= kShown ? std::string(pattern) : absl::StrCat(pattern.substr(0, kShown), "…");
}

std::string ToIcuPattern(absl::string_view pattern) {
  std::string icu;
  for (size_t at = 0; at < pattern.size();) {
    if (pattern[at] != '\\') {
      icu += pattern[at++];
      continue;
    }
    const absl::string_view escape = pattern.substr(at, EscapeEnd(pattern, at) - at);
    const std::string newer = NewerCharactersOf(Categories(escape));
    if (newer.empty()) {
      absl::StrAppend(&icu, escape);
    } else {
      // A class by itself, which within another class is a part of it.
      const bool negated = absl::ascii_isupper(static_cast<unsigned char>(escape[1]));
      std::string positive(escape);
      positive[1] = absl::ascii_tolower(static_cast<unsigned char>(escape[1]));
      absl::StrAppend(&icu, negated ? "[^" : "[", positive, newer, "]");
    }
    at += escape.size();
  }
  return icu;
}

}  // namespace probesweep::worker
