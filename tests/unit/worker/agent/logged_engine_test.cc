#include "worker/agent/logged_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/log_capture.h"
#include "tests/support/status_matchers.h"

namespace probesweep::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class OneAnswer : public Engine {
 public:
  explicit OneAnswer(absl::StatusOr<PassStatistics> answer) : answer_(std::move(answer)) {}
  absl::StatusOr<PassStatistics> RunPass(const PassRequest&, PassObserver&) override { return answer_; }
  std::string device() const override { return "abacus"; }

 private:
  const absl::StatusOr<PassStatistics> answer_;
};

class NoObserver : public PassObserver {
 public:
  void OnProgress(int, int) override {}
  void OnDimension(int, absl::StatusOr<DimensionResult>) override {}
  bool Cancelled() override { return false; }
};

class LoggedEngineTest : public testing::LogCapture, public ::testing::Test {};

TEST_F(LoggedEngineTest, LogsAPassThatEndedWell) {
  PassStatistics statistics;
  statistics.pass = absl::Seconds(12);
  statistics.statements = 34;
  OneAnswer engine(statistics);
  PassRequest request;
  request.checkpoint_path = "/models/step7";
  request.checkpoint = "step7";
  NoObserver observer;
  ASSERT_OK_AND_ASSIGN(const PassStatistics answer, LoggedEngine(&engine).RunPass(request, observer));
  EXPECT_EQ(answer.statements, 34);
  EXPECT_THAT(Lines(), ElementsAre(StartsWith("probing /models/step7 took 12 s | checkpoint=step7 ")));
  EXPECT_EQ(LoggedEngine(&engine).device(), "abacus");
}

TEST_F(LoggedEngineTest, LeavesAFailureToWhoAskedForThePass) {
  OneAnswer engine(absl::DataLossError("damaged"));
  NoObserver observer;
  EXPECT_STATUS(LoggedEngine(&engine).RunPass({}, observer).status(), kDataLoss, "damaged");
  EXPECT_THAT(Lines(), IsEmpty());
}

}  // namespace
}  // namespace probesweep::worker
