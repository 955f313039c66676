#include <algorithm>
#include <numeric>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "dataset/shuffle.h"
#include "dataset/split.h"

namespace probesweep {
namespace {

constexpr int kMaxDraws = 1000;
// One row to validate on, and two to train on.
constexpr size_t kFewestRowsOfPaper = 5;

absl::Status Refused(absl::string_view dataset_name, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("dataset '", dataset_name, "': ", what));
}

bool BothLabels(const std::vector<int64_t>& rows, const std::vector<int>& labels) {
  bool seen[2] = {false, false};
  for (const int64_t row : rows) seen[labels[static_cast<size_t>(row)]] = true;
  return seen[0] && seen[1];
}

absl::Status CheckLabels(const std::vector<int>& labels, absl::string_view dataset_name) {
  const auto ones = std::count(labels.begin(), labels.end(), 1);
  if (ones > 0 && static_cast<size_t>(ones) < labels.size()) return absl::OkStatus();
  if (labels.empty()) return Refused(dataset_name, "there are no rows; add labelled statements");
  return Refused(dataset_name,
                 absl::StrCat("all ", labels.size(), " rows have label ", labels[0],
                              "; a probe needs both labels: add statements of the other label"));
}

std::vector<int64_t> DrawnOrder(size_t count, SeededRandom& random) {
  std::vector<int64_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  Shuffle(order, random);
  return order;
}

// The rows of each group.
std::vector<std::vector<int64_t>> RowsOfGroups(const std::vector<int64_t>& groups) {
  std::vector<std::vector<int64_t>> rows;
  for (size_t row = 0; row < groups.size(); ++row) {
    // Groups are numbered as they appear.
    if (static_cast<size_t>(groups[row]) == rows.size()) rows.emplace_back();
    rows[static_cast<size_t>(groups[row])].push_back(static_cast<int64_t>(row));
  }
  return rows;
}

Split DrawGroups(const std::vector<std::vector<int64_t>>& groups, double least_test_rows,
                 SeededRandom& random) {
  Split split;
  for (const int64_t group : DrawnOrder(groups.size(), random)) {
    const bool to_test = static_cast<double>(split.test.size()) < least_test_rows;
    std::vector<int64_t>& side = to_test ? split.test : split.train;
    const std::vector<int64_t>& rows = groups[static_cast<size_t>(group)];
    side.insert(side.end(), rows.begin(), rows.end());
  }
  std::sort(split.train.begin(), split.train.end());
  std::sort(split.test.begin(), split.test.end());
  return split;
}

PaperSplit DrawAsPaper(size_t rows, SeededRandom& random) {
  const std::vector<int64_t> order = DrawnOrder(rows, random);
  const auto develop = static_cast<std::ptrdiff_t>(rows - rows / 2);
  const auto train = develop * 4 / 5;
  PaperSplit split;
  split.train.assign(order.begin(), order.begin() + train);
  split.validation.assign(order.begin() + train, order.begin() + develop);
  split.test.assign(order.begin() + develop, order.end());
  for (std::vector<int64_t>* part : {&split.train, &split.validation, &split.test}) {
    std::sort(part->begin(), part->end());
  }
  return split;
}

}  // namespace

absl::StatusOr<Split> GroupedSplit(const Statements& statements, double test_share, uint64_t seed,
                                   absl::string_view dataset_name) {
  PS_RETURN_IF_ERROR(CheckLabels(statements.labels, dataset_name));
  const std::vector<std::vector<int64_t>> groups = RowsOfGroups(statements.groups);
  SeededRandom random(seed, kGroupedSplitStream);
  const double least_test_rows = test_share * static_cast<double>(statements.labels.size());
  for (int draw = 0; draw < kMaxDraws; ++draw) {
    Split split = DrawGroups(groups, least_test_rows, random);
    if (BothLabels(split.train, statements.labels)) return split;
  }
  return Refused(dataset_name,
                 absl::StrCat("the ", statements.labels.size(), " rows form ", groups.size(),
                              groups.size() == 1 ? " group" : " groups",
                              ", and groups stay whole: no split leaves both labels to train on; add rows of "
                              "other groups, or group them more finely"));
}

absl::StatusOr<PaperSplit> SplitAsPaper(const std::vector<int>& labels, uint64_t seed,
                                        absl::string_view dataset_name) {
  PS_RETURN_IF_ERROR(CheckLabels(labels, dataset_name));
  if (labels.size() < kFewestRowsOfPaper) {
    return Refused(dataset_name, absl::StrCat(labels.size(), " rows are too few for protocol paper; give ",
                                              kFewestRowsOfPaper, " at least"));
  }
  SeededRandom random(seed, kPaperSplitStream);
  for (int draw = 0; draw < kMaxDraws; ++draw) {
    PaperSplit split = DrawAsPaper(labels.size(), random);
    if (BothLabels(split.train, labels)) return split;
  }
  return Refused(dataset_name, absl::StrCat("in none of ", kMaxDraws,
                                            " drawn splits do the training rows have both labels; add "
                                            "statements of the rarer label"));
}

}  // namespace probesweep
