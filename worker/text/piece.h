// What flows through a tokenizer: pieces of text, cut smaller at each stage.
#ifndef PROBESWEEP_WORKER_TEXT_PIECE_H_
#define PROBESWEEP_WORKER_TEXT_PIECE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace probesweep::worker {

struct Piece {
  std::string text;       // well-formed UTF-8
  bool at_start = false;  // begins where the whole text begins; a Metaspace may ask
};

// A range of a text, and whether the pattern looked for matches there.
struct Span {
  size_t begin = 0;  // bytes
  size_t end = 0;
  bool is_match = false;
};

// What becomes of the matches when a text is cut at them: "the-final--countdown" cut at "-" is
//   kRemoved             the  final  countdown
//   kIsolated            the  -  final  -  -  countdown
//   kMergedWithPrevious  the-  final-  -  countdown
//   kMergedWithNext      the  -final  -  -countdown
//   kContiguous          the  -  final  --  countdown
enum class SplitBehavior { kRemoved, kIsolated, kMergedWithPrevious, kMergedWithNext, kContiguous };

// Appends the parts of `piece` to `pieces`; empty ones are dropped. `spans` cover piece.text, in order.
void CutPiece(const Piece& piece, const std::vector<Span>& spans, SplitBehavior behavior,
              std::vector<Piece>* pieces);

// Each character for which `matches` says so is a match by itself.
std::vector<Span> SpansOfCharacters(absl::string_view text, absl::FunctionRef<bool(char32_t)> matches);

// Each occurrence of `needle` (not empty), from the left and without overlap, is a match.
std::vector<Span> SpansOfString(absl::string_view text, absl::string_view needle);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_PIECE_H_
