// A dataset: the labelled statements that show one trait.
#ifndef PROBESWEEP_DATASET_STATEMENTS_H_
#define PROBESWEEP_DATASET_STATEMENTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "dataset/grouping.h"

namespace probesweep {

// One entry per row of the dataset, in file order.
struct Statements {
  std::vector<std::string> texts;  // well-formed UTF-8, the file's bytes
  std::vector<int> labels;         // 0 or 1
  // 0, 1, … by first appearance. Rows of one group must not be parted; rows with the very same text always
  // share one.
  std::vector<int64_t> groups;
  bool grouped = false;  // whether a column or a rule says more than that
};

// Reads CSV with the columns "statement" and "label", and the group column when there is one; other columns
// are passed over. `dataset_name` is for messages. Errors: INVALID_ARGUMENT saying dataset, line, what is
// wrong and how to mend it.
absl::StatusOr<Statements> ReadStatements(absl::string_view csv, absl::string_view dataset_name,
                                          const Grouping& grouping);

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_STATEMENTS_H_
