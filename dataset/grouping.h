// Which rows of a dataset belong together, so that a split must not part them: a probe that has seen a row's
// twin knows the row.
#ifndef PROBESWEEP_DATASET_GROUPING_H_
#define PROBESWEEP_DATASET_GROUPING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace probesweep {

// Where groups come from: a column of the CSV, or a rule that reads the texts; at most one of the two.
struct Grouping {
  std::string column;
  std::string rule;  // see KnownGroupRules()
};

// "same_text": texts that are equal up to letter case and white space (SST-2's clean and perturbed twins).
// "same_question": the same text before the answer, letter case and white space aside (TruthfulQA). The
// answer
//   begins at the first tab; without a tab, behind the first question mark; without either, nowhere.
// "same_context": the same first sentence, letter case and white space aside (StereoSet). A text in which no
//   sentence ends before the text does, as where a full stop was forgotten, belongs to all texts that begin
//   with the same three words: rather too many together than one context on both sides.
const std::vector<std::string>& KnownGroupRules();

// Errors: INVALID_ARGUMENT when column and rule are both given, or for an unknown rule, with the nearest.
absl::Status CheckGrouping(const Grouping& grouping);

// `text` (well-formed UTF-8) in lower case, without white space at its ends, and one space for any within.
std::string FoldedText(absl::string_view text);

// The group of each row: 0, 1, … by first appearance. Rows are in one group when `rule` (a known one, or ""
// for none) says so, when they have the same name in `names` (empty, or one per row), or when their texts
// are the very same; and so on from row to row. `texts` are well-formed UTF-8.
std::vector<int64_t> GroupRows(const std::vector<std::string>& texts, const std::vector<std::string>& names,
                               absl::string_view rule);

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_GROUPING_H_
