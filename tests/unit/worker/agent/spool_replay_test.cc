#include "worker/agent/spool_replay.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "common/status.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"
#include "tests/unit/worker/agent/spool_files.h"
#include "worker/agent/publisher.h"

namespace probesweep::worker {
namespace {

using Calls = std::vector<std::string>;

class SpoolReplayTest : public ::testing::Test {
 protected:
  // What a process that died has left.
  void Leave(const std::string& incarnation, const std::string& lease, const std::string& dimension) {
    ASSERT_OK_AND_ASSIGN(const auto spool, Spool::Open({folder_.path()}));
    const v1::Grant grant = MakeGrant(lease, {dimension});
    ASSERT_OK(spool->Add(CommitOutcome(Worker(incarnation), grant, grant.tasks(0), result_)));
  }

  absl::Status Replay() {
    absl::StatusOr<std::unique_ptr<Spool>> spool = Spool::Open({folder_.path()});
    PS_RETURN_IF_ERROR(spool.status());
    SpoolReplay replay(spool->get(), {&coordinator_, &clock_, &random_, [&](absl::Duration duration) {
                                        clock_.Advance(duration);
                                        if (stop_at_sleep_) replay.Stop();
                                        return !stop_at_sleep_;
                                      }});
    return replay.Run(absl::Minutes(1));
  }

  // A worker with a result in hand that dies when the coordinator calls back.
  void DieWhile(std::function<void()> FakeCoordinator::*called) {
    EXPECT_EXIT(
        {
          FakeCoordinator coordinator;
          coordinator.*called = [] { ::_exit(9); };
          LeaseKeeper keeper(LeaseKeeper::Options(), Worker(), &coordinator, &clock_, &random_);
          keeper.Track("lease-1", clock_.Steady());
          const auto spool = *Spool::Open({folder_.path()});
          Publisher publisher(
              Worker(), OutcomeSender(&coordinator, &keeper, &random_, [](absl::Duration) { return true; }),
              spool.get());
          const v1::Grant grant = MakeGrant("lease-1", {"truth"});
          (void)publisher.Publish(grant, grant.tasks(0), result_);
          (void)publisher.Flush();
        },
        ::testing::ExitedWithCode(9), "");
    EXPECT_EQ(SpoolFiles(folder_.path()), Calls{"outcome-000000000001"});
  }

  testing::TempDir folder_;
  ManualClock clock_;
  CountingRandom random_;
  FakeCoordinator coordinator_;
  bool stop_at_sleep_ = false;
  const DimensionResult result_ = ResultWithArtifacts();
};

TEST_F(SpoolReplayTest, AnEmptySpoolAsksNothing) {
  EXPECT_OK(Replay());
  EXPECT_TRUE(coordinator_.calls.empty());
}

TEST_F(SpoolReplayTest, AProcessThatDiedBeforeItSentAnythingIsMadeGoodUnderItsOwnName) {
  DieWhile(&FakeCoordinator::on_artifact);
  ASSERT_OK(Replay());
  EXPECT_EQ(coordinator_.calls, (Calls{"heartbeat", "artifact", "artifact", "commit"}));
  EXPECT_EQ(coordinator_.heartbeats[0].worker().incarnation(), "inc-former");
  const v1::CommitTaskRequest& commit = coordinator_.commits.at(0);
  EXPECT_EQ(commit.worker().incarnation(), "inc-former");
  EXPECT_EQ(commit.lease_id(), "lease-1");
  EXPECT_EQ(commit.epoch(), 3);
  EXPECT_EQ(commit.results(0).values().at("accuracy"), 0.75);
  EXPECT_TRUE(SpoolFiles(folder_.path()).empty());
}

TEST_F(SpoolReplayTest, AProcessThatDiedBetweenCommitAndRemovalCommitsTheSameOnceMore) {
  DieWhile(&FakeCoordinator::on_commit);
  ASSERT_OK(Replay());
  EXPECT_EQ(coordinator_.commits.size(), 1u) << "which the coordinator answers with already_committed";
  EXPECT_TRUE(SpoolFiles(folder_.path()).empty());
}

TEST_F(SpoolReplayTest, WhatALostLeaseLeftIsDroppedUnsent) {
  Leave("inc-former", "lease-lost", "truth");
  Leave("inc-former", "lease-live", "privacy");
  coordinator_.on_heartbeat = [](const v1::HeartbeatRequest&) {
    v1::HeartbeatResponse response;
    response.add_renewed_lease_ids("lease-live");
    return response;
  };
  ASSERT_OK(Replay());
  ASSERT_EQ(coordinator_.commits.size(), 1u);
  EXPECT_EQ(coordinator_.commits[0].lease_id(), "lease-live");
  EXPECT_TRUE(SpoolFiles(folder_.path()).empty());
}

TEST_F(SpoolReplayTest, WhatACoordinatorThatKnowsAnotherProcessRefusesIsDropped) {
  Leave("inc-former", "lease-1", "truth");
  coordinator_.on_heartbeat = [](const v1::HeartbeatRequest&) {
    return absl::FailedPreconditionError("another process acts as this worker");
  };
  ASSERT_OK(Replay());
  EXPECT_TRUE(coordinator_.commits.empty());
  EXPECT_TRUE(SpoolFiles(folder_.path()).empty());
}

TEST_F(SpoolReplayTest, AStaleCommitIsDropped) {
  Leave("inc-former", "lease-1", "truth");
  coordinator_.commit_errors = {absl::AbortedError("stale epoch")};
  ASSERT_OK(Replay());
  EXPECT_TRUE(coordinator_.failures.empty());
  EXPECT_TRUE(SpoolFiles(folder_.path()).empty());
}

TEST_F(SpoolReplayTest, EveryFormerProcessIsSpokenForInItsOwnName) {
  Leave("inc-1", "lease-1", "truth");
  Leave("inc-2", "lease-2", "privacy");
  ASSERT_OK(Replay());
  ASSERT_EQ(coordinator_.commits.size(), 2u);
  EXPECT_EQ(coordinator_.commits[0].worker().incarnation(), "inc-1");
  EXPECT_EQ(coordinator_.commits[1].worker().incarnation(), "inc-2");
}

TEST_F(SpoolReplayTest, ADamagedFileIsSetAsideAndTheOthersAreSent) {
  Leave("inc-former", "lease-1", "truth");
  Leave("inc-former", "lease-1", "privacy");
  std::filesystem::resize_file(folder_.File("outcome-000000000001"), 200);
  ASSERT_OK(Replay());
  ASSERT_EQ(coordinator_.commits.size(), 1u);
  EXPECT_EQ(coordinator_.commits[0].task_id(), "task-privacy");
  EXPECT_EQ(SpoolFiles(folder_.path()), Calls{"outcome-000000000001.damaged"});
}

TEST_F(SpoolReplayTest, ADamagedArtifactIsNoticedBeforeTheCommit) {
  Leave("inc-former", "lease-1", "truth");
  std::filesystem::resize_file(folder_.File("outcome-000000000001"),
                               std::filesystem::file_size(folder_.File("outcome-000000000001")) - 1);
  ASSERT_OK(Replay());
  EXPECT_TRUE(coordinator_.commits.empty());
  EXPECT_EQ(SpoolFiles(folder_.path()), Calls{"outcome-000000000001.damaged"});
}

TEST_F(SpoolReplayTest, ACoordinatorThatStaysAwayLeavesTheSpoolAsItIs) {
  Leave("inc-former", "lease-1", "truth");
  coordinator_.SetAway(true);
  EXPECT_STATUS(Replay(), kUnavailable, "1 outcomes stay in", folder_.path());
  EXPECT_EQ(SpoolFiles(folder_.path()).size(), 1u);
  coordinator_.SetAway(false);
  ASSERT_OK(Replay());
  EXPECT_EQ(coordinator_.commits.size(), 1u);
}

TEST_F(SpoolReplayTest, AWorkerThatStopsLeavesTheSpoolAsItIs) {
  Leave("inc-former", "lease-1", "truth");
  stop_at_sleep_ = true;
  coordinator_.SetAway(true);
  EXPECT_STATUS(Replay(), kCancelled, "stopping");
  coordinator_.SetAway(false);
  coordinator_.commit_errors = {absl::UnavailableError("down")};
  EXPECT_STATUS(Replay(), kCancelled, "stopping");
  EXPECT_EQ(SpoolFiles(folder_.path()).size(), 1u);
}

}  // namespace
}  // namespace probesweep::worker
