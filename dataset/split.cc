#include "dataset/split.h"

#include <algorithm>
#include <numeric>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace probesweep {

absl::StatusOr<Split> ReleasedSplit(const std::vector<int>& labels, absl::string_view dataset_name) {
  if (labels.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("dataset '", dataset_name, "': no rows are left to test on; add labelled statements"));
  }
  // The published code takes int(0.8 * n) in floating point: the double nearest to 0.8 is above it, so that
  // no product falls short of a whole number and this is the same count.
  const auto train_rows = static_cast<int64_t>(labels.size() * 4 / 5);
  const auto train_end = labels.begin() + train_rows;
  const auto ones = std::count(labels.begin(), train_end, 1);
  if (ones == 0 || ones == train_rows) {
    return absl::InvalidArgumentError(absl::StrCat(
        "dataset '", dataset_name, "': the training rows (the first ", train_rows, " of ", labels.size(),
        ") all have label ", ones == 0 ? 0 : 1,
        "; a probe needs both labels there: shuffle the rows, or add statements of the other label"));
  }
  Split split;
  split.train.resize(static_cast<size_t>(train_rows));
  split.test.resize(labels.size() - static_cast<size_t>(train_rows));
  std::iota(split.train.begin(), split.train.end(), 0);
  std::iota(split.test.begin(), split.test.end(), train_rows);
  return split;
}

}  // namespace probesweep
