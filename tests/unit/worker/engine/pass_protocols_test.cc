// Passes with more than one protocol.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/unit/worker/engine/pass_fixture.h"

namespace probesweep::worker {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;

class PassProtocolsTest : public ::testing::Test {
 protected:
  PassProtocolsTest() : request_(MakeRequest(checkpoint_.path(), {MakeDimension("d", MakeCsv(60, 3))})) {
    request_.analysis.protocols = {"calibrated", "released", "paper"};
    request_.analysis.permutations = 10;
  }

  absl::StatusOr<DimensionResult> RunPass() {
    RecordingObserver observer;
    EXPECT_OK(MakeEngine(2)->RunPass(request_, observer));
    return observer.dimensions.at(0);
  }

  const testing::CheckpointCopy checkpoint_;
  PassRequest request_;
};

TEST_F(PassProtocolsTest, EveryLayerHasThemAllAsConfigured) {
  ASSERT_OK_AND_ASSIGN(const DimensionResult result, RunPass());
  ASSERT_EQ(result.layers.size(), 9u);
  for (size_t i = 0; i < 9; ++i) {
    EXPECT_EQ(result.layers[i].layer, static_cast<int>(i / 3));
    EXPECT_EQ(result.layers[i].protocol, request_.analysis.protocols[i % 3]);
    for (const auto& [column, value] : result.layers[i].values) {
      EXPECT_NE(FindResultColumn(column), nullptr) << column;
      EXPECT_TRUE(std::isfinite(value)) << column;
    }
  }
}

TEST_F(PassProtocolsTest, OneDoesNotChangeAnother) {
  ASSERT_OK_AND_ASSIGN(const DimensionResult all, RunPass());
  request_.analysis.protocols = {"released"};
  ASSERT_OK_AND_ASSIGN(const DimensionResult alone, RunPass());
  for (size_t layer = 0; layer < 3; ++layer) {
    EXPECT_EQ(all.layers[3 * layer + 1].values, alone.layers[layer].values);
  }
}

TEST_F(PassProtocolsTest, TheGroupingRuleKeepsRowsTogether) {
  std::string csv = "statement,label\n";
  for (int row = 0; row < 60; ++row) {
    absl::StrAppend(&csv, row % 2 == 0 ? "text " : "TEXT ", row / 2, ",", row % 2, "\n");
  }
  request_.dimensions = {MakeDimension("twins", csv)};
  request_.analysis.protocols = {"calibrated"};
  ASSERT_OK_AND_ASSIGN(const DimensionResult apart, RunPass());
  EXPECT_EQ(apart.layers[0].values.at("n_groups"), 60);
  request_.dimensions[0].group_rule = "same_text";
  ASSERT_OK_AND_ASSIGN(const DimensionResult together, RunPass());
  EXPECT_EQ(together.layers[0].values.at("n_groups"), 30);
  EXPECT_EQ(together.layers[0].values.at("n_test_groups"), 6);
  request_.dimensions[0].group_rule = "same_txt";
  EXPECT_STATUS(RunPass(), kInvalidArgument, "dataset 'twins-set'", "did you mean 'same_text'?");
}

TEST_F(PassProtocolsTest, ASplitThatCannotBeMadeNamesTheDataset) {
  request_.dimensions[0].dataset_csv = "statement,label\na,1\na,0\na,1\na,0\na,1\n";
  request_.analysis.protocols = {"calibrated"};
  EXPECT_STATUS(RunPass(), kInvalidArgument, "dataset 'd-set'", "1 group");
}

// Counts steps; cancels at a given one.
class StepObserver : public RecordingObserver {
 public:
  void OnStep() override { ++steps; }
  bool Cancelled() override { return cancel_after > 0 && steps >= cancel_after; }
  int steps = 0;
  int cancel_after = 0;
};

TEST_F(PassProtocolsTest, MayBeCancelledAtAnyStep) {
  StepObserver observer;
  ASSERT_OK(MakeEngine(1)->RunPass(request_, observer));
  ASSERT_GE(observer.steps, 5);
  for (int last = 1; last <= 5; ++last) {
    StepObserver cancelled;
    cancelled.cancel_after = last;
    EXPECT_STATUS(MakeEngine(2)->RunPass(request_, cancelled), kCancelled, "cancelled");
    EXPECT_TRUE(cancelled.dimensions.empty());
  }
}

// The surface baselines of a dataset's splits are steps, each of them.
TEST_F(PassProtocolsTest, ThePreparationStepsOn) {
  request_.analysis.protocols = {"calibrated"};
  request_.analysis.splits = 40;
  StepObserver observer;
  ASSERT_OK(MakeEngine(1)->RunPass(request_, observer));
  EXPECT_GE(observer.steps, 39);
}

}  // namespace
}  // namespace probesweep::worker
