#include "common/braces.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "common/status.h"

namespace probesweep {
namespace {

using Texts = std::vector<std::string>;

constexpr int kMaxDepth = 32;  // each level takes some stack; people need two or three

// A recursive descent over: sequence = (literal | group)*, group = '{' body '}'.
class Expander {
 public:
  Expander(const std::string& pattern, size_t limit) : pattern_(pattern), limit_(limit) {}

  absl::StatusOr<Texts> Run() {
    PS_ASSIGN_OR_RETURN(Texts texts, Sequence(/*inside=*/false));
    return texts;
  }

 private:
  absl::Status Error(size_t position, absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat("'", pattern_, "', column ", position + 1, ": ", what,
                                                   "; write {a,b,c} or {0..100..10}"));
  }

  static bool IsPlain(char c, bool inside) { return c != '{' && c != '}' && !(inside && c == ','); }

  absl::Status Multiply(const Texts& factors, size_t position, Texts& texts) const {
    if (!factors.empty() && texts.size() > limit_ / factors.size()) {
      return Error(position, absl::StrCat("more than ", limit_, " checkpoints"));
    }
    Texts product;
    product.reserve(texts.size() * factors.size());
    for (const std::string& left : texts) {
      for (const std::string& right : factors) product.push_back(left + right);
    }
    texts = std::move(product);
    return absl::OkStatus();
  }

  // Up to the end, or inside a group to its ',' or '}'.
  absl::StatusOr<Texts> Sequence(bool inside) {
    Texts texts = {""};
    while (next_ < pattern_.size()) {
      const size_t start = next_;
      const char c = pattern_[next_];
      if (c == '{') {
        if (depth_ == kMaxDepth) return Error(start, "braces nest too deeply");
        ++depth_;
        PS_ASSIGN_OR_RETURN(Texts group, Group());
        --depth_;
        PS_RETURN_IF_ERROR(Multiply(group, start, texts));
      } else if (c == '}' && !inside) {
        return Error(next_, "'}' without '{'");
      } else if (!IsPlain(c, inside)) {
        return texts;
      } else {
        PS_RETURN_IF_ERROR(Multiply({Literal(inside)}, start, texts));
      }
    }
    return texts;
  }

  // Up to the next special character: taken at once, for each one would copy every text.
  std::string Literal(bool inside) {
    std::string literal;
    while (next_ < pattern_.size() && IsPlain(pattern_[next_], inside)) {
      if (pattern_[next_] == '\\' && next_ + 1 < pattern_.size()) ++next_;
      literal += pattern_[next_++];
    }
    return literal;
  }

  // The next brace that no backslash precedes.
  size_t NextBrace() const {
    size_t position = next_;
    while (position < pattern_.size() && pattern_[position] != '{' && pattern_[position] != '}') {
      position += pattern_[position] == '\\' ? 2 : 1;
    }
    return position < pattern_.size() ? position : std::string::npos;
  }

  absl::StatusOr<Texts> Group() {
    const size_t open = next_++;
    const size_t close = NextBrace();
    if (close != std::string::npos && pattern_[close] == '}') {
      const std::string body = pattern_.substr(next_, close - next_);
      if (body.find(',') == std::string::npos) {
        PS_ASSIGN_OR_RETURN(Texts range, Range(body, open));
        next_ = close + 1;
        return range;
      }
    }
    Texts alternatives;
    while (true) {
      PS_ASSIGN_OR_RETURN(Texts some, Sequence(/*inside=*/true));
      alternatives.insert(alternatives.end(), some.begin(), some.end());
      if (alternatives.size() > limit_)
        return Error(open, absl::StrCat("more than ", limit_, " checkpoints"));
      if (next_ >= pattern_.size()) return Error(open, "'{' without '}'");
      if (pattern_[next_++] == '}') return alternatives;
    }
  }

  absl::StatusOr<Texts> Range(const std::string& body, size_t open) const {
    const std::vector<std::string> parts = absl::StrSplit(body, "..");
    int64_t first = 0, last = 0, step = 1;
    const bool numbers = (parts.size() == 2 || parts.size() == 3) && absl::SimpleAtoi(parts[0], &first) &&
                         absl::SimpleAtoi(parts[1], &last) &&
                         (parts.size() == 2 || absl::SimpleAtoi(parts[2], &step));
    if (!numbers || first < 0 || last < 0 || step == 0 || step == std::numeric_limits<int64_t>::min()) {
      return Error(open, absl::StrCat("'{", body, "}' is neither a list nor a range of numbers"));
    }
    step = std::abs(step);
    const bool padded =
        (parts[0].size() > 1 && parts[0][0] == '0') || (parts[1].size() > 1 && parts[1][0] == '0');
    const size_t width = padded ? std::max(parts[0].size(), parts[1].size()) : 0;
    const uint64_t count = static_cast<uint64_t>(std::abs(last - first) / step) + 1;
    if (count > limit_) return Error(open, absl::StrCat("more than ", limit_, " checkpoints"));
    Texts texts;
    for (uint64_t i = 0; i < count; ++i) {
      const int64_t value = first + (last >= first ? 1 : -1) * step * static_cast<int64_t>(i);
      std::string text = absl::StrCat(value);
      if (text.size() < width) text.insert(0, width - text.size(), '0');
      texts.push_back(std::move(text));
    }
    return texts;
  }

  const std::string& pattern_;
  const size_t limit_;
  size_t next_ = 0;
  int depth_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> ExpandBraces(const std::string& pattern, size_t limit) {
  return Expander(pattern, limit).Run();
}

}  // namespace probesweep
