#include "worker/text/piece.h"

#include <algorithm>

#include "common/unicode.h"

namespace probesweep::worker {
namespace {

// Joins each match to the part on its left; of several matches in a row only the first.
std::vector<Span> MergeWithPrevious(const std::vector<Span>& spans) {
  std::vector<Span> merged;
  bool after_match = false;
  for (const Span& span : spans) {
    if (span.is_match && !after_match && !merged.empty()) {
      merged.back().end = span.end;
    } else {
      merged.push_back(span);
    }
    after_match = span.is_match;
  }
  return merged;
}

// The mirror image: of several matches in a row only the last is joined.
std::vector<Span> MergeWithNext(const std::vector<Span>& spans) {
  std::vector<Span> merged;
  bool before_match = false;
  for (auto span = spans.rbegin(); span != spans.rend(); ++span) {
    if (span->is_match && !before_match && !merged.empty()) {
      merged.back().begin = span->begin;
    } else {
      merged.push_back(*span);
    }
    before_match = span->is_match;
  }
  std::reverse(merged.begin(), merged.end());
  return merged;
}

std::vector<Span> MergeAlike(const std::vector<Span>& spans) {
  std::vector<Span> merged;
  for (const Span& span : spans) {
    if (!merged.empty() && merged.back().is_match == span.is_match) {
      merged.back().end = span.end;
    } else {
      merged.push_back(span);
    }
  }
  return merged;
}

void AppendSpan(std::vector<Span>* spans, size_t begin, size_t end, bool is_match) {
  if (begin != end) spans->push_back({begin, end, is_match});
}

void CutAt(const Piece& piece, const std::vector<Span>& spans, bool drop_matches,
           std::vector<Piece>* pieces) {
  for (const Span& span : spans) {
    if (span.begin == span.end || (drop_matches && span.is_match)) continue;
    pieces->push_back(
        {piece.text.substr(span.begin, span.end - span.begin), piece.at_start && span.begin == 0});
  }
}

}  // namespace

void CutPiece(const Piece& piece, const std::vector<Span>& spans, SplitBehavior behavior,
              std::vector<Piece>* pieces) {
  switch (behavior) {
    case SplitBehavior::kRemoved:
      return CutAt(piece, spans, /*drop_matches=*/true, pieces);
    case SplitBehavior::kIsolated:
      return CutAt(piece, spans, /*drop_matches=*/false, pieces);
    case SplitBehavior::kMergedWithPrevious:
      return CutAt(piece, MergeWithPrevious(spans), /*drop_matches=*/false, pieces);
    case SplitBehavior::kMergedWithNext:
      return CutAt(piece, MergeWithNext(spans), /*drop_matches=*/false, pieces);
    case SplitBehavior::kContiguous:
      return CutAt(piece, MergeAlike(spans), /*drop_matches=*/false, pieces);
  }
}

std::vector<Span> SpansOfCharacters(absl::string_view text, absl::FunctionRef<bool(char32_t)> matches) {
  std::vector<Span> spans;
  size_t done = 0;
  for (size_t offset = 0; offset < text.size();) {
    const size_t begin = offset;
    if (!matches(NextCodePoint(text, &offset))) continue;
    AppendSpan(&spans, done, begin, false);
    AppendSpan(&spans, begin, offset, true);
    done = offset;
  }
  AppendSpan(&spans, done, text.size(), false);
  return spans;
}

std::vector<Span> SpansOfString(absl::string_view text, absl::string_view needle) {
  std::vector<Span> spans;
  size_t done = 0;
  for (size_t found = text.find(needle); found != absl::string_view::npos; found = text.find(needle, done)) {
    AppendSpan(&spans, done, found, false);
    AppendSpan(&spans, found, found + needle.size(), true);
    done = found + needle.size();
  }
  AppendSpan(&spans, done, text.size(), false);
  return spans;
}

}  // namespace probesweep::worker
