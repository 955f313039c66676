#ifndef PROBESWEEP_DATASET_SURFACE_WORDS_H_
#define PROBESWEEP_DATASET_SURFACE_WORDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace probesweep {

// The words of `text` (well-formed UTF-8) as scikit-learn's TfidfVectorizer sees them: lower case, runs of at
// least two of Python's \w (letters, numbers, "_").
std::vector<std::string> SurfaceWords(absl::string_view text);

// Characters of `text`, and how many of them are capital letters (Python's str.isupper).
struct CharacterCounts {
  int64_t characters = 0;
  int64_t capitals = 0;
};
CharacterCounts CountCharacters(absl::string_view text);

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_SURFACE_WORDS_H_
