#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "dataset/split.h"
#include "tests/support/status_matchers.h"

namespace probesweep {
namespace {

// `groups` groups of `size` rows each, one after another in turn; labels alternate within a group.
Statements Rows(int64_t groups, int64_t size) {
  Statements statements;
  for (int64_t row = 0; row < groups * size; ++row) {
    statements.texts.push_back(absl::StrCat("row ", row));
    statements.labels.push_back(static_cast<int>(row / groups % 2));
    statements.groups.push_back(row % groups);
  }
  statements.grouped = true;
  return statements;
}

// Whether the parts are ascending, disjoint, and together all rows.
bool Covers(const std::vector<std::vector<int64_t>>& parts, size_t rows) {
  std::set<int64_t> seen;
  size_t count = 0;
  for (const std::vector<int64_t>& part : parts) {
    if (!std::is_sorted(part.begin(), part.end())) return false;
    seen.insert(part.begin(), part.end());
    count += part.size();
  }
  return count == rows && seen.size() == rows &&
         (rows == 0 || (*seen.begin() == 0 && *seen.rbegin() + 1 == static_cast<int64_t>(rows)));
}

TEST(GroupedSplitTest, KeepsGroupsWholeAndTakesTheShareOrAGroupMore) {
  const Statements statements = Rows(50, 4);
  for (uint64_t seed = 0; seed < 20; ++seed) {
    ASSERT_OK_AND_ASSIGN(const Split split, GroupedSplit(statements, 0.2, seed, "d"));
    EXPECT_TRUE(Covers({split.train, split.test}, 200));
    EXPECT_EQ(split.test.size(), 40u);
    std::set<int64_t> trained;
    for (const int64_t row : split.train) trained.insert(statements.groups[static_cast<size_t>(row)]);
    for (const int64_t row : split.test) {
      EXPECT_EQ(trained.count(statements.groups[static_cast<size_t>(row)]), 0u) << "row " << row;
    }
    ASSERT_OK_AND_ASSIGN(const Split more, GroupedSplit(statements, 0.21, seed, "d"));
    EXPECT_EQ(more.test.size(), 44u);
  }
}

TEST(GroupedSplitTest, IsTheSeedsOwn) {
  const Statements statements = Rows(50, 4);
  ASSERT_OK_AND_ASSIGN(const Split once, GroupedSplit(statements, 0.2, 1, "d"));
  ASSERT_OK_AND_ASSIGN(const Split again, GroupedSplit(statements, 0.2, 1, "d"));
  ASSERT_OK_AND_ASSIGN(const Split other, GroupedSplit(statements, 0.2, 2, "d"));
  EXPECT_EQ(once.test, again.test);
  EXPECT_NE(once.test, other.test);
}

TEST(GroupedSplitTest, EveryGroupIsTestedInSomeSplit) {
  const Statements statements = Rows(10, 2);
  std::vector<int> tested(10);
  for (uint64_t seed = 0; seed < 500; ++seed) {
    ASSERT_OK_AND_ASSIGN(const Split split, GroupedSplit(statements, 0.2, seed, "d"));
    for (const int64_t row : split.test)
      ++tested[static_cast<size_t>(statements.groups[static_cast<size_t>(row)])];
  }
  for (const int count : tested) EXPECT_NEAR(count, 200, 60) << "2 rows in each fifth of the splits";
}

TEST(GroupedSplitTest, DrawsAgainUntilBothLabelsTrain) {
  // Label 1 is in one group of three: a third of the draws would test on it.
  Statements statements = Rows(3, 2);
  for (size_t row = 0; row < 6; ++row) statements.labels[row] = row == 0 ? 1 : 0;
  for (uint64_t seed = 0; seed < 30; ++seed) {
    ASSERT_OK_AND_ASSIGN(const Split split, GroupedSplit(statements, 0.2, seed, "d"));
    EXPECT_EQ(split.train.front(), 0);
    EXPECT_EQ(split.test.size(), 2u);
  }
}

TEST(GroupedSplitTest, SaysWhatIsMissing) {
  EXPECT_STATUS(GroupedSplit(Rows(1, 6), 0.2, 0, "fairness"), kInvalidArgument, "dataset 'fairness'",
                "6 rows form 1 group,", "add rows of other groups");
  Statements apart = Rows(2, 2);
  apart.labels = {0, 1, 0, 1};
  EXPECT_STATUS(GroupedSplit(apart, 0.2, 0, "d"), kInvalidArgument, "4 rows form 2 groups,", "both labels");
  Statements one_label = Rows(3, 1);
  EXPECT_STATUS(GroupedSplit(one_label, 0.2, 0, "d"), kInvalidArgument, "all 3 rows have label 0",
                "add statements of the other label");
  EXPECT_STATUS(GroupedSplit(Statements(), 0.2, 0, "d"), kInvalidArgument, "no rows");
}

std::vector<int> Alternating(size_t rows) {
  std::vector<int> labels(rows);
  for (size_t i = 0; i < rows; ++i) labels[i] = static_cast<int>(i % 2);
  return labels;
}

TEST(SplitAsPaperTest, HalvesThenFourFifths) {
  const struct {
    size_t rows, train, validation, test;
  } cases[] = {{5, 2, 1, 2}, {6, 2, 1, 3}, {10, 4, 1, 5}, {20, 8, 2, 10}, {1952, 780, 196, 976}};
  for (const auto& c : cases) {
    ASSERT_OK_AND_ASSIGN(const PaperSplit split, SplitAsPaper(Alternating(c.rows), 3, "d"));
    EXPECT_TRUE(Covers({split.train, split.validation, split.test}, c.rows)) << c.rows;
    EXPECT_EQ(split.train.size(), c.train) << c.rows;
    EXPECT_EQ(split.validation.size(), c.validation) << c.rows;
    EXPECT_EQ(split.test.size(), c.test) << c.rows;
  }
}

TEST(SplitAsPaperTest, IsTheSeedsOwnAndTrainsOnBothLabels) {
  std::vector<int> labels(40);
  labels[7] = labels[8] = 1;
  std::set<std::vector<int64_t>> tests;
  for (uint64_t seed = 0; seed < 30; ++seed) {
    ASSERT_OK_AND_ASSIGN(const PaperSplit split, SplitAsPaper(labels, seed, "d"));
    ASSERT_OK_AND_ASSIGN(const PaperSplit again, SplitAsPaper(labels, seed, "d"));
    EXPECT_EQ(split.test, again.test);
    EXPECT_TRUE(std::count(split.train.begin(), split.train.end(), 7) +
                std::count(split.train.begin(), split.train.end(), 8));
    tests.insert(split.test);
  }
  EXPECT_EQ(tests.size(), 30u);
}

TEST(SplitAsPaperTest, SaysWhatIsMissing) {
  EXPECT_STATUS(SplitAsPaper(Alternating(4), 0, "fairness"), kInvalidArgument, "dataset 'fairness'",
                "4 rows are too few", "give 5");
  EXPECT_STATUS(SplitAsPaper({1, 1, 1, 1, 1, 1}, 0, "d"), kInvalidArgument, "all 6 rows have label 1");
  EXPECT_STATUS(SplitAsPaper({}, 0, "d"), kInvalidArgument, "no rows");
}

}  // namespace
}  // namespace probesweep
