#include "worker/agent/lease_keeper.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/unit/worker/agent/fake_coordinator.h"

namespace probesweep::worker {
namespace {

class LeaseKeeperTest : public ::testing::Test {
 protected:
  ManualClock clock_;
  CountingRandom random_;
  FakeCoordinator coordinator_;
  LeaseKeeper keeper_{LeaseKeeper::Options(), v1::WorkerIdentity(), &coordinator_, &clock_, &random_};
};

TEST_F(LeaseKeeperTest, AFreshLeaseMayPublish) {
  keeper_.Track("a", clock_.Steady());
  EXPECT_OK(keeper_.AwaitPublishable("a"));
}

TEST_F(LeaseKeeperTest, AnUnknownLeaseIsLost) {
  EXPECT_STATUS(keeper_.AwaitPublishable("a"), kAborted, "lease a");
}

TEST_F(LeaseKeeperTest, PublishingWaitsInTheLastSecondsUntilAHeartbeatRenews) {
  keeper_.Track("a", clock_.Steady());
  clock_.Advance(absl::Seconds(26));  // 4 s before the end: inside the margin
  absl::Status published;
  std::thread publisher([&] { published = keeper_.AwaitPublishable("a"); });
  EXPECT_EQ(keeper_.Beat(), LeaseKeeper::Verdict::kGoOn);
  publisher.join();
  EXPECT_OK(published);
}

TEST_F(LeaseKeeperTest, AnExpiredLeaseIsHeldUntilTheCoordinatorSaysItIsLost) {
  keeper_.Track("a", clock_.Steady());
  clock_.Advance(absl::Minutes(30));
  EXPECT_FALSE(keeper_.Lost("a"));
  coordinator_.on_heartbeat = [](const v1::HeartbeatRequest&) { return v1::HeartbeatResponse(); };
  keeper_.Beat();
  EXPECT_TRUE(keeper_.Lost("a"));
  EXPECT_STATUS(keeper_.AwaitPublishable("a"), kAborted, "lost");
}

TEST_F(LeaseKeeperTest, RenewalCountsFromTheTimeTheHeartbeatWasSent) {
  keeper_.Track("a", clock_.Steady());
  coordinator_.on_heartbeat = [this](const v1::HeartbeatRequest& request) {
    clock_.Advance(absl::Seconds(28));  // a slow answer
    v1::HeartbeatResponse response;
    response.add_renewed_lease_ids(request.leases(0).lease_id());
    return response;
  };
  keeper_.Beat();
  coordinator_.on_heartbeat = nullptr;
  std::thread beat([&] { keeper_.Beat(); });
  EXPECT_OK(keeper_.AwaitPublishable("a"));  // only the second renewal reaches far enough
  beat.join();
  EXPECT_EQ(coordinator_.heartbeats.size(), 2u);
}

TEST_F(LeaseKeeperTest, ALeaseOfAFormerProcessIsInDoubtUntilAHeartbeatTells) {
  keeper_.TrackUnconfirmed("live");
  keeper_.TrackUnconfirmed("over");
  EXPECT_TRUE(keeper_.Doubtful("live"));
  EXPECT_TRUE(keeper_.Doubtful("over"));
  coordinator_.on_heartbeat = [](const v1::HeartbeatRequest&) {
    v1::HeartbeatResponse response;
    response.add_renewed_lease_ids("live");
    return response;
  };
  keeper_.Beat();
  EXPECT_OK(keeper_.AwaitPublishable("live"));
  EXPECT_FALSE(keeper_.Doubtful("over"));
  EXPECT_TRUE(keeper_.Lost("over"));
}

TEST_F(LeaseKeeperTest, ALostHeartbeatLosesNoLease) {
  keeper_.Track("a", clock_.Steady());
  coordinator_.on_heartbeat = [](const v1::HeartbeatRequest&) { return absl::UnavailableError("down"); };
  EXPECT_EQ(keeper_.Beat(), LeaseKeeper::Verdict::kGoOn);
  EXPECT_FALSE(keeper_.Lost("a"));
}

TEST_F(LeaseKeeperTest, AWorkerThatStopsDoesNotWaitForADoubtfulLease) {
  keeper_.Track("a", clock_.Steady());
  clock_.Advance(absl::Minutes(2));
  std::thread stop([&] { keeper_.StopWaiting(); });
  EXPECT_STATUS(keeper_.AwaitPublishable("a"), kCancelled, "stopping");
  stop.join();
  keeper_.Beat();
  EXPECT_OK(keeper_.AwaitPublishable("a")) << "a lease that is not in doubt makes nobody wait";
}

TEST_F(LeaseKeeperTest, CarriesProgressRevocationsAndDrain) {
  keeper_.Track("a", clock_.Steady());
  keeper_.ReportProgress("a", 3, 6);
  for (int step = 0; step < 5; ++step) keeper_.CountStep("a");
  keeper_.CountStep("of no lease");
  coordinator_.on_heartbeat = [](const v1::HeartbeatRequest&) {
    v1::HeartbeatResponse response;
    response.add_renewed_lease_ids("a");
    response.add_revoked_task_ids("t");
    response.set_drain(true);
    return response;
  };
  keeper_.Beat();
  EXPECT_EQ(coordinator_.heartbeats[0].leases(0).layers_done(), 3);
  EXPECT_EQ(coordinator_.heartbeats[0].leases(0).layers_total(), 6);
  EXPECT_EQ(coordinator_.heartbeats[0].leases(0).steps(), 5);
  EXPECT_TRUE(keeper_.Revoked("t"));
  EXPECT_FALSE(keeper_.Revoked("u"));
  EXPECT_TRUE(keeper_.drain_requested());
}

TEST_F(LeaseKeeperTest, TellsWhenToRegisterAgainAndWhenItWasSuperseded) {
  keeper_.Track("a", clock_.Steady());
  coordinator_.on_heartbeat = [](const v1::HeartbeatRequest&) { return absl::NotFoundError("who?"); };
  EXPECT_EQ(keeper_.Beat(), LeaseKeeper::Verdict::kRegisterAgain);
  EXPECT_STATUS(keeper_.AwaitPublishable("a"), kAborted, "lost") << "nobody will confirm it any more";
  coordinator_.on_heartbeat = [](const v1::HeartbeatRequest&) {
    return absl::FailedPreconditionError("other");
  };
  EXPECT_EQ(keeper_.Beat(), LeaseKeeper::Verdict::kSuperseded);
}

}  // namespace
}  // namespace probesweep::worker
