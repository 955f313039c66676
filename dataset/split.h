// Which rows of a dataset a probe learns from and which it is judged on.
#ifndef PROBESWEEP_DATASET_SPLIT_H_
#define PROBESWEEP_DATASET_SPLIT_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace probesweep {

// Row indices, ascending and disjoint.
struct Split {
  std::vector<int64_t> train;
  std::vector<int64_t> test;
};

// The split of protocol `released`: the first ⌊0.8 n⌋ rows train, the rest test. Errors: INVALID_ARGUMENT
// naming the dataset when there are no test rows, or when the training rows have one label only.
absl::StatusOr<Split> ReleasedSplit(const std::vector<int>& labels, absl::string_view dataset_name);

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_SPLIT_H_
