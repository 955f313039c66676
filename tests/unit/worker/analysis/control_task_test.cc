#include "worker/analysis/control_task.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace probesweep::worker {
namespace {

TEST(DrawControlLabelsTest, KeepsHowManyRowsHaveEachLabel) {
  const std::vector<int> labels = {0, 1, 1, 0, 1, 1, 1, 0};
  const RowPermutations permutations({0, 1, 2, 3, 4, 5, 6, 7});
  SeededRandom random(5, kControlTaskStream);
  bool moved = false;
  for (int draw = 0; draw < 50; ++draw) {
    const auto control = DrawControlLabels(labels, permutations, {{0, 2, 3, 5, 6, 7}, {1, 4}}, random);
    ASSERT_TRUE(control.has_value());
    ASSERT_EQ(control->train.size(0), 6);
    ASSERT_EQ(control->test.size(), 2u);
    const auto train_ones = control->train.sum().item<double>();
    EXPECT_EQ(train_ones + static_cast<double>(std::count(control->test.begin(), control->test.end(), 1)), 5);
    EXPECT_GT(train_ones, 0);
    EXPECT_LT(train_ones, 6);
    moved = moved || control->train[0].item<double>() == 1;
  }
  EXPECT_TRUE(moved);
}

TEST(DrawControlLabelsTest, DrawsAgainWhileTheTrainRowsHaveOneLabel) {
  const std::vector<int> labels = {0, 1, 1, 1, 1, 1, 1, 1};
  const RowPermutations permutations({0, 1, 2, 3, 4, 5, 6, 7});
  SeededRandom random(6, kControlTaskStream);
  for (int draw = 0; draw < 50; ++draw) {
    const auto control = DrawControlLabels(labels, permutations, {{0, 1, 2}, {3, 4, 5, 6, 7}}, random);
    ASSERT_TRUE(control.has_value());
    EXPECT_EQ(control->train.sum().item<double>(), 2);
  }
}

TEST(DrawControlLabelsTest, ThereIsNoneWhenGroupsLeaveTheTrainRowsOneLabelOnly) {
  // The one group of two, with both labels, tests; the singles all have label 1.
  const RowPermutations permutations({0, 0, 1, 2});
  SeededRandom random(7, kControlTaskStream);
  EXPECT_FALSE(DrawControlLabels({0, 1, 1, 1}, permutations, {{2, 3}, {0, 1}}, random).has_value());
}

}  // namespace
}  // namespace probesweep::worker
