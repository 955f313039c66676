#include "server/scheduling/work_history.h"

#include <gtest/gtest.h>

namespace probesweep::server {
namespace {

TEST(WorkHistory, EstimatesStandUntilSomethingIsMeasured) {
  WorkHistory history;
  EXPECT_EQ(history.CostScale("a"), 1);
  EXPECT_EQ(history.MedianLease("a"), std::nullopt);
}

TEST(WorkHistory, PassesCorrectTheirOwnSweepsEstimatesAndStandInForOthers) {
  WorkHistory history;
  history.AddPass("a", 10, absl::Seconds(30));
  history.AddPass("a", 10, absl::Seconds(50));
  EXPECT_EQ(history.CostScale("a"), 4);
  EXPECT_EQ(history.CostScale("b"), 4);
  history.AddPass("b", 20, absl::Seconds(20));
  EXPECT_EQ(history.CostScale("a"), 4);
  EXPECT_EQ(history.CostScale("b"), 1);
  EXPECT_EQ(history.CostScale("c"), 2.5);
  history.Forget("b");
  EXPECT_EQ(history.CostScale("b"), 2.5);
}

TEST(WorkHistory, NonsenseIsIgnoredAndOneOddPassDoesNotHandOverTheFleet) {
  WorkHistory history;
  history.AddPass("a", 10, absl::ZeroDuration());
  history.AddPass("a", 0, absl::Seconds(10));
  EXPECT_EQ(history.CostScale("a"), 1);
  history.AddPass("a", 1000, absl::Seconds(1000));
  history.AddPass("odd", 1000, absl::Nanoseconds(1));
  EXPECT_NEAR(history.CostScale("odd"), 0.5 / 100, 1e-9);
}

TEST(WorkHistory, TheMedianIsOfTheLatestLeases) {
  WorkHistory history;
  for (const int seconds : {9, 1, 5}) history.AddLease("a", absl::Seconds(seconds));
  EXPECT_EQ(history.MedianLease("a"), absl::Seconds(5));
  EXPECT_EQ(history.MedianLease("b"), std::nullopt);
  for (int i = 0; i < 99; ++i) history.AddLease("a", absl::Seconds(100));
  EXPECT_EQ(history.MedianLease("a"), absl::Seconds(100));
  for (int i = 0; i < 50; ++i) history.AddLease("a", absl::Seconds(7));
  EXPECT_EQ(history.MedianLease("a"), absl::Seconds(7));
}

}  // namespace
}  // namespace probesweep::server
