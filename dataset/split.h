// Which rows of a dataset a probe learns from and which it is judged on.
#ifndef PROBESWEEP_DATASET_SPLIT_H_
#define PROBESWEEP_DATASET_SPLIT_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "dataset/statements.h"

namespace probesweep {

// Row indices, ascending and disjoint.
struct Split {
  std::vector<int64_t> train;
  std::vector<int64_t> test;
};

// The split of protocol `released`: the first ⌊0.8 n⌋ rows train, the rest test. Errors: INVALID_ARGUMENT
// naming the dataset when there are no test rows, or when the training rows have one label only.
absl::StatusOr<Split> ReleasedSplit(const std::vector<int>& labels, absl::string_view dataset_name);

// A seeded split that keeps groups whole: groups in drawn order go to the test rows until these are at least
// `test_share` (in (0, 1)) of all rows, the rest train. When the training rows do not show both labels, as
// may happen with few groups, it is drawn again, up to 1,000 times; labels are not balanced otherwise, and
// test rows of one label are no error. Errors: INVALID_ARGUMENT naming the dataset, what it lacks (groups,
// rows, a label) and how to mend it.
absl::StatusOr<Split> GroupedSplit(const Statements& statements, double test_share, uint64_t seed,
                                   absl::string_view dataset_name);

// Row indices, ascending and disjoint.
struct PaperSplit {
  std::vector<int64_t> train;
  std::vector<int64_t> validation;
  std::vector<int64_t> test;
};

// The split of protocol `paper`: rows in drawn order, the first half (⌈n/2⌉) develop, the rest test; of the
// developing rows the first four fifths (rounded down) train, the rest validate. Groups are parted, as in
// the paper. Drawn again when the training rows have one label, as above. Errors: as above; fewer than 5
// rows.
absl::StatusOr<PaperSplit> SplitAsPaper(const std::vector<int>& labels, uint64_t seed,
                                        absl::string_view dataset_name);

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_SPLIT_H_
