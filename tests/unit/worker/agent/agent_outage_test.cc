// The agent when the coordinator is away, the worker stops or its work is no longer wanted.
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "absl/synchronization/notification.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/worker/agent/agent_fixture.h"

namespace probesweep::worker {
namespace {

using AgentOutageTest = AgentTest;

TEST_F(AgentOutageTest, ComputesOnWhileTheCoordinatorIsAwayForHalfAnHour) {
  coordinator_.heartbeat_interval = absl::Milliseconds(5);
  Offer(MakeGrant("l", {"truth", "privacy"}));
  engine_.outcomes = {OneLayer(), absl::InvalidArgumentError("label 2")};
  engine_.during = [this](PassObserver&) {
    coordinator_.SetAway(true);
    clock_.Advance(absl::Minutes(30));
  };
  engine_.after = [this] {
    EXPECT_EQ(SpoolFiles(folder_.path()).size(), 2u);
    clock_.Advance(absl::Minutes(30));
    coordinator_.SetAway(false);
  };
  ASSERT_OK(agent_->Run());
  EXPECT_EQ(engine_.requests.size(), 1u);
  EXPECT_FALSE(engine_.cancelled);
  ASSERT_EQ(coordinator_.commits.size(), 1u);
  EXPECT_EQ(coordinator_.failures.size(), 1u);
  ASSERT_EQ(coordinator_.releases.size(), 1u);
  const auto& calls = coordinator_.calls;
  const auto release = std::find(calls.begin(), calls.end(), "release");
  EXPECT_EQ(std::count(calls.begin(), release, "commit") + std::count(calls.begin(), release, "fail"),
            std::count(calls.begin(), calls.end(), "commit") + std::count(calls.begin(), calls.end(), "fail"))
      << "once everything is answered";
  EXPECT_TRUE(SpoolFiles(folder_.path()).empty());
}

TEST_F(AgentOutageTest, StoppedWhileTheCoordinatorIsAwayItKeepsTheLeaseAndTheNextProcessGoesOnUnderIt) {
  Offer(MakeGrant("l", {"truth"}));
  engine_.outcomes = {OneLayer()};
  engine_.during = [this](PassObserver&) { coordinator_.SetAway(true); };
  engine_.after = [this] { agent_->RequestStop(); };
  ASSERT_OK(agent_->Run());
  EXPECT_EQ(SpoolFiles(folder_.path()).size(), 1u);
  const auto& calls = coordinator_.calls;
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "release"), 0) << "not even tried";

  coordinator_.SetAway(false);
  coordinator_.calls.clear();
  StartAnew();
  ASSERT_OK(agent_->Run());
  EXPECT_LT(FirstOf("commit"), FirstOf("register"));
  ASSERT_EQ(coordinator_.commits.size(), 1u);
  ASSERT_EQ(coordinator_.registrations.size(), 2u);
  EXPECT_EQ(coordinator_.commits[0].worker().incarnation(),
            coordinator_.registrations[0].worker().incarnation());
  EXPECT_EQ(engine_.requests.size(), 1u);
}

TEST_F(AgentOutageTest, StoppedWithNothingInTheSpoolItGivesTheLeaseBack) {
  Offer(MakeGrant("l", {"truth", "privacy"}));
  engine_.outcomes = {OneLayer()};
  engine_.pass_error = absl::CancelledError("stopped");
  engine_.after = [this] { agent_->RequestStop(); };
  ASSERT_OK(agent_->Run());
  EXPECT_EQ(coordinator_.commits.size(), 1u) << "the coordinator is there: what is done is sent";
  EXPECT_EQ(coordinator_.releases.size(), 1u);
}

TEST_F(AgentOutageTest, DoesNotRegisterBeforeWhatAFormerProcessLeftIsAnswered) {
  const v1::Grant grant = MakeGrant("l", {"truth"});
  ASSERT_OK(
      spool_->Add(FailureOutcome(v1::WorkerIdentity(), grant, grant.tasks(0), absl::DataLossError("NaN"))));
  StartAnew();
  coordinator_.SetAway(true);
  std::thread late([this] {
    coordinator_.Await([this] { return !coordinator_.calls.empty(); });
    agent_->RequestDrain();
    coordinator_.SetAway(false);
  });
  ASSERT_OK(agent_->Run());
  late.join();
  EXPECT_EQ(coordinator_.failures.size(), 1u);
  EXPECT_TRUE(coordinator_.registrations.empty()) << "drained meanwhile";
}

TEST_F(AgentOutageTest, ACancelledTaskEndsThePassWithinTwoHeartbeats) {
  coordinator_.heartbeat_interval = absl::Milliseconds(5);
  PassObserver* pass = nullptr;
  absl::Notification ended;
  int heartbeats = 0;  // since the pass began: the sweep is cancelled just after the first
  coordinator_.on_heartbeat = [&](const v1::HeartbeatRequest& request) {
    v1::HeartbeatResponse response;
    for (const v1::LeaseProgress& lease : request.leases()) response.add_renewed_lease_ids(lease.lease_id());
    if (pass == nullptr || ended.HasBeenNotified()) return response;
    if (++heartbeats > 1) response.add_revoked_task_ids("task-truth");
    if (heartbeats == 1) {
      EXPECT_FALSE(pass->Cancelled());
    }
    if (heartbeats == 3) {
      EXPECT_TRUE(pass->Cancelled());
      ended.Notify();
    }
    return response;
  };
  engine_.during = [&](PassObserver& observer) {
    {
      absl::MutexLock lock(&coordinator_.mutex);
      pass = &observer;
    }
    EXPECT_TRUE(ended.WaitForNotificationWithTimeout(absl::Seconds(10)));
    absl::MutexLock lock(&coordinator_.mutex);
    pass = nullptr;
  };
  engine_.pass_error = absl::CancelledError("the pass was cancelled");
  Offer(MakeGrant("l", {"truth"}));
  ASSERT_OK(agent_->Run());
  EXPECT_TRUE(engine_.cancelled);
  EXPECT_TRUE(coordinator_.commits.empty());
  EXPECT_TRUE(coordinator_.failures.empty());
  EXPECT_EQ(coordinator_.releases.size(), 1u);
}

}  // namespace
}  // namespace probesweep::worker
