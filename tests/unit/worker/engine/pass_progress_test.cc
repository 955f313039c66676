// What shows that a pass gets on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/worker/engine/pass_fixture.h"

namespace probesweep::worker {
namespace {

// Everything in its order.
class EventLog : public RecordingObserver {
 public:
  void OnProgress(int layers_done, int layers_total) override {
    RecordingObserver::OnProgress(layers_done, layers_total);
    events.push_back(absl::StrCat("layer ", layers_done));
  }
  void OnStep() override { events.push_back("step"); }
  void OnDimension(int index, absl::StatusOr<DimensionResult> result) override {
    RecordingObserver::OnDimension(index, std::move(result));
    events.push_back("dimension");
  }

  // Steps between two events.
  int64_t Steps(const std::string& from, const std::string& to) const {
    const auto begin = std::find(events.begin(), events.end(), from);
    return std::count(begin, std::find(begin, events.end(), to), "step");
  }

  std::vector<std::string> events;
};

class PassProgressTest : public ::testing::Test {
 protected:
  absl::Status RunPass(const std::string& csv) {
    return MakeEngine(1)->RunPass(MakeRequest(checkpoint_.path(), {MakeDimension("d", csv)}), log_).status();
  }

  const testing::CheckpointCopy checkpoint_;
  EventLog log_;
};

TEST_F(PassProgressTest, TokenizingStepsOnWithTheStatements) {
  ASSERT_OK(RunPass(MakeCsv(1100, 1)));
  EXPECT_GE(log_.Steps("layer 0", "layer 1"), 4);
}

TEST_F(PassProgressTest, AFewStatementsAreStepsToo) {
  ASSERT_OK(RunPass(MakeCsv(30, 1)));
  EXPECT_GE(log_.Steps("layer 0", "layer 1"), 1);
}

TEST_F(PassProgressTest, EachLayersAnalysisAndTheLastOneIsAStep) {
  ASSERT_OK(RunPass(MakeCsv(30, 1)));
  EXPECT_GE(log_.Steps("layer 1", "layer 2"), 1);
  EXPECT_GE(log_.Steps("layer 2", "layer 3"), 1);
  EXPECT_GE(log_.Steps("layer 3", "dimension"), 1) << "the analysis after the last layer";
}

TEST_F(PassProgressTest, APassMayBeCancelledAmongTheStatements) {
  log_.cancelled = [this] { return !log_.events.empty() && log_.events.back() == "step"; };
  // Its last statement is bad; who goes on to it reports the dimension.
  EXPECT_STATUS(RunPass(MakeCsv(600, 1) + "  ,1\n"), kCancelled, "cancelled");
  EXPECT_TRUE(log_.dimensions.empty());
}

}  // namespace
}  // namespace probesweep::worker
