// Which sweep, task, lease, worker and epoch the worker's log lines are about.
#include <gmock/gmock.h>

#include "absl/strings/match.h"
#include "tests/support/log_capture.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/worker/agent/agent_fixture.h"

namespace probesweep::worker {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::EndsWith;
using ::testing::StartsWith;

constexpr char kTruth[] = " | sweep=sw-1 task=task-truth lease=lease-1 worker=w epoch=3 checkpoint=step1";
constexpr char kPrivacy[] = " | sweep=sw-1 task=task-privacy lease=lease-1 worker=w epoch=3 checkpoint=step1";
// A sender and the spool know no sweep; a task's id begins with it.
constexpr char kTruthAlone[] = " | task=task-truth lease=lease-1 worker=w epoch=3";

// The log is made before the agent and its threads, and ends after them.
class AgentLogTest : public testing::LogCapture, public AgentTest {
 protected:
  AgentLogTest() { grant_.set_sweep_id("sw-1"); }

  void EndTheAgent() { agent_.reset(); }

  std::vector<std::string> LinesWith(absl::string_view text) const {
    std::vector<std::string> lines;
    for (const std::string& line : Lines()) {
      if (absl::StrContains(line, text)) lines.push_back(line);
    }
    return lines;
  }

  v1::Grant grant_ = MakeGrant("lease-1", {"truth", "privacy"});
};

TEST_F(AgentLogTest, AllThatBecomesOfATaskIsTold) {
  Offer(grant_);
  engine_.outcomes = {OneLayer(), absl::InvalidArgumentError("label 2")};
  ASSERT_OK(agent_->Run());
  EndTheAgent();
  EXPECT_EQ(LinesWith("× truth"),
            (std::vector<std::string>{absl::StrCat("result of step1 × truth spooled", kTruth),
                                      absl::StrCat("result of step1 × truth accepted", kTruth)}));
  EXPECT_EQ(LinesWith("× privacy"),
            (std::vector<std::string>{absl::StrCat("step1 × privacy failed: label 2", kPrivacy),
                                      absl::StrCat("failure of step1 × privacy spooled", kPrivacy),
                                      absl::StrCat("failure of step1 × privacy accepted", kPrivacy)}));
  EXPECT_THAT(Lines(), Contains("pass over /models/step1: 2 dimensions | sweep=sw-1 lease=lease-1 worker=w "
                                "checkpoint=step1"));
}

TEST_F(AgentLogTest, EveryLineTellsTheWorker) {
  coordinator_.register_errors = {absl::UnavailableError("down")};
  coordinator_.leases = {absl::UnavailableError("down")};
  coordinator_.commit_errors = {absl::UnavailableError("disk full")};
  Offer(grant_);
  engine_.outcomes = {OneLayer(), OneLayer()};
  ASSERT_OK(agent_->Run());
  EndTheAgent();
  EXPECT_THAT(Lines(), Each(::testing::HasSubstr("worker=w")));
  EXPECT_THAT(Lines(), Contains("publishing failed, will try again: disk full" + std::string(kTruthAlone)));
}

TEST_F(AgentLogTest, AHeartbeatThatFailedTellsTheWorker) {
  LeaseKeeper keeper(LeaseKeeper::Options(), Worker(), &coordinator_, &clock_, &random_);
  coordinator_.SetAway(true);
  keeper.Beat();
  EXPECT_THAT(Lines(), Contains("heartbeat failed, will try again: connection refused | worker=w"));
}

TEST_F(AgentLogTest, WhatAFormerProcessLeftIsToldByTask) {
  const DimensionResult result = ResultWithArtifacts();
  const auto entry = spool_->Add(CommitOutcome(Worker(), grant_, grant_.tasks(0), result));
  ASSERT_OK(entry);
  StartAnew();
  ASSERT_OK(agent_->Run());
  EndTheAgent();
  EXPECT_THAT(Lines(), Contains(absl::StrCat(entry->path, " accepted", kTruthAlone)));
}

TEST_F(AgentLogTest, WhatIsDamagedIsToldByTask) {
  const DimensionResult result = ResultWithArtifacts();
  const auto entry = spool_->Add(CommitOutcome(Worker(), grant_, grant_.tasks(0), result));
  ASSERT_OK(entry);
  spool_->SetAside(*entry, absl::DataLossError("torn"));
  ASSERT_EQ(Lines().size(), 1u);
  EXPECT_THAT(Lines()[0], StartsWith("torn; set aside as "));
  EXPECT_THAT(Lines()[0], EndsWith(kTruthAlone));
}

}  // namespace
}  // namespace probesweep::worker
