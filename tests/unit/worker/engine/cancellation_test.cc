#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "tests/unit/worker/engine/pass_fixture.h"

namespace probesweep::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class CancellationTest : public ::testing::Test {
 protected:
  absl::Status RunPass() {
    return MakeEngine(1)
        ->RunPass(MakeRequest(checkpoint_.path(),
                              {MakeDimension("a", MakeCsv(30, 1)), MakeDimension("b", MakeCsv(30, 2))}),
                  observer_)
        .status();
  }

  const testing::CheckpointCopy checkpoint_;
  RecordingObserver observer_;
};

TEST_F(CancellationTest, BeforeTheStartNothingIsRun) {
  observer_.cancelled = [] { return true; };
  EXPECT_STATUS(RunPass(), kCancelled, "cancelled");
  EXPECT_THAT(observer_.dimensions, IsEmpty());
  EXPECT_THAT(observer_.progress, ElementsAre(Pair(0, 3)));
}

TEST_F(CancellationTest, BetweenLayersTheNextOneIsNotRun) {
  observer_.cancelled = [this] { return observer_.progress.back().first >= 1; };
  EXPECT_STATUS(RunPass(), kCancelled, "cancelled");
  EXPECT_THAT(observer_.dimensions, IsEmpty());
  EXPECT_THAT(observer_.progress, ElementsAre(Pair(0, 3), Pair(1, 3)));
}

TEST_F(CancellationTest, AmongTheReportsTheRestIsNotReported) {
  observer_.cancelled = [this] { return !observer_.dimensions.empty(); };
  EXPECT_STATUS(RunPass(), kCancelled, "cancelled");
  EXPECT_EQ(observer_.dimensions.size(), 1u);
}

TEST_F(CancellationTest, WithoutItProgressCountsEveryLayer) {
  EXPECT_OK(RunPass());
  EXPECT_THAT(observer_.progress, ElementsAre(Pair(0, 3), Pair(1, 3), Pair(2, 3), Pair(3, 3)));
  EXPECT_EQ(observer_.dimensions.size(), 2u);
}

}  // namespace
}  // namespace probesweep::worker
