// Workers that die, hang, restart or vanish.
#include <gmock/gmock.h>

#include "tests/unit/server/service/core_fixture.h"

namespace probesweep::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST_F(CoreTest, AnExpiredLeaseReturnsItsTasksToTheNextWorkerUnderANewEpoch) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  ASSERT_OK(Register(w2_));
  const Grant first = MustLease(w1_);
  const auto waiting = Poll(w2_);
  EXPECT_EQ(core_->NextWake(), clock_.Steady() + absl::Seconds(30));
  Pass(absl::Seconds(29));
  EXPECT_FALSE(waiting.came());
  Pass(absl::Seconds(1));
  ASSERT_OK(waiting.get());
  ASSERT_TRUE(waiting.get()->grant.has_value());
  const Grant second = *waiting.get()->grant;
  ASSERT_EQ(second.tasks.size(), 2u);
  EXPECT_EQ(second.tasks[0].epoch, 2);
  EXPECT_EQ(observer_.leases_lost, 1) << "one lease, though of two tasks";
  EXPECT_EQ(Tasks(id)[0].leases_lost, 1);
  EXPECT_STATUS(Commit(Claim(w1_, first, 0)), kAborted, "stale", "epoch 2");
  ASSERT_OK_AND_ASSIGN(const HeartbeatAnswer beat, Beat(w1_, {{first.lease_id, 3, 6}}));
  EXPECT_THAT(beat.renewed_lease_ids, IsEmpty());
  EXPECT_OK(Commit(Claim(w2_, second, 0)));
}

TEST_F(CoreTest, HeartbeatsKeepALeaseAliveForAFullTimeEach) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  for (int layer = 1; layer <= 20; ++layer) {
    Pass(absl::Seconds(29));
    ASSERT_OK_AND_ASSIGN(const HeartbeatAnswer beat, Beat(w1_, {{grant.lease_id, layer, 20}}));
    EXPECT_THAT(beat.renewed_lease_ids, ElementsAre(grant.lease_id));
  }
  const WorkerView view = WorkerNow("w1");
  EXPECT_EQ(view.layers_done, 20);
  EXPECT_EQ(view.layers_total, 20);
  EXPECT_EQ(Counts(id)[TaskState::kLeased], 2);
}

TEST_F(CoreTest, ALeaseWithoutProgressIsAHangThoughItsWorkerIsHeard) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  for (int seconds = 10; seconds < 120; seconds += 10) {
    Pass(absl::Seconds(10));
    ASSERT_OK_AND_ASSIGN(const HeartbeatAnswer beat, Beat(w1_, {{grant.lease_id, 0, 0}}));
    ASSERT_THAT(beat.renewed_lease_ids, ElementsAre(grant.lease_id)) << "after " << seconds << " s";
  }
  Pass(absl::Seconds(10));
  EXPECT_EQ(Counts(id)[TaskState::kReady], 2);
  EXPECT_EQ(observer_.leases_lost, 1);
  ASSERT_OK_AND_ASSIGN(const HeartbeatAnswer beat, Beat(w1_, {{grant.lease_id, 0, 0}}));
  EXPECT_THAT(beat.renewed_lease_ids, IsEmpty()) << "which tells the worker to stop";
}

TEST_F(CoreTest, StepsWithinALayerAreProgress) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  const auto beat_for = [&](absl::Duration time, int64_t steps_at_first, int64_t more_each) {
    for (absl::Duration passed; passed < time; passed += absl::Seconds(10), steps_at_first += more_each) {
      Pass(absl::Seconds(10));
      ASSERT_OK(Beat(w1_, {{grant.lease_id, 5, 6, steps_at_first}}));
    }
  };
  beat_for(absl::Minutes(10), 1, 1);
  EXPECT_EQ(Counts(id)[TaskState::kLeased], 2);
  beat_for(absl::Minutes(2), 61, 0);
  EXPECT_EQ(Counts(id)[TaskState::kLeased], 2) << "the step before was seen in the first of these";
  Pass(absl::Seconds(10));
  EXPECT_EQ(Counts(id)[TaskState::kReady], 2);
}

TEST_F(CoreTest, ARestartedWorkerLosesWhatItsFormerProcessHeld) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  const Grant former = MustLease(w1_);
  const WorkerRef again{"w1", "i1b"};
  ASSERT_OK(Register(again));
  EXPECT_EQ(Counts(id)[TaskState::kReady], 2);
  EXPECT_EQ(Tasks(id)[0].leases_lost, 1);
  EXPECT_STATUS(Commit(Claim(w1_, former, 0)), kAborted, "is over");
  EXPECT_STATUS(Beat(w1_, {{former.lease_id, 1, 6}}), kFailedPrecondition, "another process");
  EXPECT_EQ(MustLease(again).tasks[0].epoch, 2);
}

TEST_F(CoreTest, RegisteringAgainInTheSameProcessKeepsTheLease) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  ASSERT_OK(Register(w1_));
  EXPECT_EQ(Counts(id)[TaskState::kLeased], 2);
  EXPECT_OK(Commit(Claim(w1_, grant, 0)));
}

TEST_F(CoreTest, ARestartedWorkerEndsTheFormerProcessesPoll) {
  ASSERT_OK(Register(w1_));
  const auto poll = Poll(w1_);
  ASSERT_OK(Register({"w1", "i1b"}));
  EXPECT_STATUS(poll.get(), kFailedPrecondition, "another process took over");
}

TEST_F(CoreTest, TasksOverWhichTwoWorkersDieAreQuarantined) {
  const std::string id = Submit();
  for (const WorkerRef& worker : {w1_, w2_}) {
    ASSERT_OK(Register(worker));
    MustLease(worker);
    Pass(absl::Seconds(30));
  }
  EXPECT_EQ(Counts(id)[TaskState::kQuarantined], 2);
  const Task task = Tasks(id)[0];
  EXPECT_EQ(task.failure_kind, FailureKind::kLeaseLost);
  EXPECT_THAT(task.error, ::testing::HasSubstr("worker 'w2' lost the lease"));
  EXPECT_THAT(task.lost_by, UnorderedElementsAre("w1", "w2"));
  EXPECT_THAT(observer_.failures, ElementsAre(FailureKind::kLeaseLost, FailureKind::kLeaseLost));
}

TEST_F(CoreTest, ASilentWorkerCountsAsLostAndIsForgottenInTheEnd) {
  ASSERT_OK(Register(w1_));
  EXPECT_EQ(WorkerNow("w1").state, WorkerState::kIdle);
  Pass(absl::Seconds(31));
  EXPECT_EQ(WorkerNow("w1").state, WorkerState::kLost);
  Pass(absl::Hours(23));
  EXPECT_EQ(store_.Load()->workers.size(), 1u);
  Pass(absl::Hours(1));
  EXPECT_THAT(store_.Load()->workers, IsEmpty());
  EXPECT_STATUS(Beat(w1_, {}), kNotFound, "register first");
}

TEST_F(CoreTest, AWorkerThatWaitsInAPollIsNotSilent) {
  ASSERT_OK(Register(w1_));
  Poll(w1_, absl::Seconds(60));
  Pass(absl::Seconds(55));
  EXPECT_EQ(WorkerNow("w1").state, WorkerState::kIdle);
  EXPECT_EQ(WorkerNow("w1").last_seen, clock_.Now());
  Pass(absl::Seconds(5));
  Pass(absl::Seconds(29));
  EXPECT_EQ(WorkerNow("w1").state, WorkerState::kIdle) << "its time counts from the poll's end";
}

}  // namespace
}  // namespace probesweep::server
