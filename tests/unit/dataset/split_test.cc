#include "dataset/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/status_matchers.h"

namespace probesweep {
namespace {

using ::testing::ElementsAre;

std::vector<int> Alternating(size_t rows) {
  std::vector<int> labels(rows);
  for (size_t i = 0; i < rows; ++i) labels[i] = static_cast<int>(i % 2);
  return labels;
}

TEST(ReleasedSplitTest, FirstFourFifthsTrainInFileOrder) {
  ASSERT_OK_AND_ASSIGN(const Split split, ReleasedSplit(Alternating(7), "d"));
  EXPECT_THAT(split.train, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(split.test, ElementsAre(5, 6));
}

TEST(ReleasedSplitTest, RoundsDownAsThePublishedCode) {
  for (size_t rows = 3; rows < 5000; ++rows) {
    ASSERT_OK_AND_ASSIGN(const Split split, ReleasedSplit(Alternating(rows), "d"));
    ASSERT_EQ(split.train.size(), static_cast<size_t>(0.8 * static_cast<double>(rows))) << rows;
    ASSERT_EQ(split.train.size() + split.test.size(), rows);
    ASSERT_EQ(split.test.front(), static_cast<int64_t>(split.train.size()));
  }
}

TEST(ReleasedSplitTest, RefusesTrainingRowsOfOneLabel) {
  EXPECT_STATUS(ReleasedSplit({1, 1, 1, 1, 0}, "fairness"), kInvalidArgument, "dataset 'fairness'",
                "first 4 of 5", "all have label 1", "shuffle");
  EXPECT_STATUS(ReleasedSplit({0, 0, 0, 0, 1}, "fairness"), kInvalidArgument, "all have label 0");
  EXPECT_STATUS(ReleasedSplit({1}, "fairness"), kInvalidArgument, "dataset 'fairness'");
}

TEST(ReleasedSplitTest, OneLabelAmongTheTestRowsIsNoError) { EXPECT_OK(ReleasedSplit({0, 1, 0, 1, 1}, "d")); }

TEST(ReleasedSplitTest, RefusesNoRows) {
  EXPECT_STATUS(ReleasedSplit({}, "fairness"), kInvalidArgument, "dataset 'fairness'", "no rows");
}

}  // namespace
}  // namespace probesweep
