// Copies of slow leases near the end of all work.
#include <gmock/gmock.h>

#include "tests/unit/server/service/core_fixture.h"

namespace probesweep::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class CoreSpeculationTest : public CoreTest {
 protected:
  // A sweep whose first checkpoint took 30 s, and whose second one w1 holds.
  void SetUp() override {
    CoreTest::SetUp();
    id_ = Submit(2);
    ASSERT_OK(Register(w1_));
    ASSERT_OK(Register(w2_));
    const Grant first = MustLease(w2_);
    slow_ = MustLease(w1_);
    Run(absl::Seconds(30), {{w1_, slow_.lease_id}, {w2_, first.lease_id}});
    for (size_t task = 0; task < 2; ++task) ASSERT_OK(Commit(Claim(w2_, first, task)));
    ASSERT_OK(Release(w2_, first.lease_id));
  }

  // Time passes under heartbeats.
  void Run(absl::Duration time, const std::vector<std::pair<WorkerRef, std::string>>& leases) {
    for (absl::Duration passed; passed < time; passed += absl::Seconds(10)) {
      Pass(absl::Seconds(10));
      for (const auto& [worker, lease] : leases) ASSERT_OK(Beat(worker, {{lease, ++layer_, 1000}}));
    }
  }

  // The copy that w2 gets once w1's lease has run for 90 s.
  Grant CopyOf(const Answered<LeaseAnswer>& poll) {
    Run(absl::Seconds(60), {{w1_, slow_.lease_id}});
    EXPECT_TRUE(poll.came() && poll.get()->grant.has_value());
    return poll.came() ? poll.get()->grant.value_or(Grant()) : Grant();
  }

  std::string id_;
  Grant slow_;
  int layer_ = 0;
};

TEST_F(CoreSpeculationTest, AnIdleWorkerGetsACopyOfALeaseThatTakesThreeTimesTheMedian) {
  const auto poll = Poll(w2_, absl::Seconds(60));
  EXPECT_FALSE(poll.came());
  EXPECT_EQ(core_->NextWake(), clock_.Steady() + absl::Seconds(30)) << "w1's lease ends first";
  Run(absl::Seconds(50), {{w1_, slow_.lease_id}});
  EXPECT_FALSE(poll.came());
  EXPECT_EQ(core_->NextWake(), clock_.Steady() + absl::Seconds(10)) << "then it is slow";
  Pass(absl::Seconds(10));
  ASSERT_OK(poll.get());
  ASSERT_TRUE(poll.get()->grant.has_value());
  const Grant copy = *poll.get()->grant;
  EXPECT_EQ(copy.checkpoint.path, slow_.checkpoint.path);
  ASSERT_EQ(copy.tasks.size(), 2u);
  EXPECT_EQ(copy.tasks[0].task_id, slow_.tasks[0].task_id);
  EXPECT_EQ(copy.tasks[0].epoch, slow_.tasks[0].epoch + 1);
  EXPECT_NE(copy.lease_id, slow_.lease_id);
  EXPECT_EQ(Counts(id_)[TaskState::kLeased], 2);
  ASSERT_OK(Register({"w3", "i3"}));
  EXPECT_FALSE(Poll({"w3", "i3"}).came()) << "one copy is enough";
}

TEST_F(CoreSpeculationTest, ReadyWorkGoesBeforeCopies) {
  Run(absl::Minutes(5), {{w1_, slow_.lease_id}});
  ASSERT_OK_AND_ASSIGN(const SweepView view, Create(testing::SampleSpec({"fresh"}), 1, "fresh"));
  EXPECT_EQ(MustLease(w2_).sweep_id, view.sweep->id);
}

TEST_F(CoreSpeculationTest, TheFirstCommitWinsAndTheOtherWorkerIsTold) {
  const Grant copy = CopyOf(Poll(w2_));
  ASSERT_OK(Commit(Claim(w2_, copy, 0), testing::SampleOutcome(0.5)));
  ASSERT_OK_AND_ASSIGN(const HeartbeatAnswer beat, Beat(w1_, {{slow_.lease_id, 900, 1000}}));
  EXPECT_THAT(beat.revoked_task_ids, ElementsAre(slow_.tasks[0].task_id));
  ASSERT_OK_AND_ASSIGN(const CommitAnswer late, Commit(Claim(w1_, slow_, 0), testing::SampleOutcome(0.5)));
  EXPECT_TRUE(late.already_committed);
  EXPECT_EQ(observer_.nondeterminism, 0);
  EXPECT_EQ(observer_.stale_commits, 0);
  ASSERT_OK_AND_ASSIGN(const CommitAnswer second, Commit(Claim(w1_, slow_, 1)));
  EXPECT_FALSE(second.already_committed) << "of the other task w1 was first";
  EXPECT_EQ(Counts(id_)[TaskState::kDone], 4);
}

TEST_F(CoreSpeculationTest, ALateCommitOfOtherNumbersRaisesTheAlarmAndChangesNothing) {
  const Grant copy = CopyOf(Poll(w2_));
  ASSERT_OK(Commit(Claim(w1_, slow_, 0), testing::SampleOutcome(0.5)));
  ASSERT_OK_AND_ASSIGN(const CommitAnswer late, Commit(Claim(w2_, copy, 0), testing::SampleOutcome(0.25)));
  EXPECT_TRUE(late.already_committed);
  EXPECT_EQ(observer_.nondeterminism, 1);
  const std::string key = Tasks(id_)[2].reuse_key;
  ASSERT_OK_AND_ASSIGN(const Outcome stored, store_.ReadOutcome(key));
  EXPECT_EQ(stored.rows[0].values.at("accuracy"), 0.5);
  ASSERT_OK(Commit(Claim(w1_, slow_, 0), testing::SampleOutcome(0.75)));
  EXPECT_EQ(observer_.nondeterminism, 1) << "the winner's own repetition is not compared";
}

TEST_F(CoreSpeculationTest, ALateCommitThatIsNoResultRaisesNoAlarm) {
  const Grant copy = CopyOf(Poll(w2_));
  ASSERT_OK(Commit(Claim(w1_, slow_, 0), testing::SampleOutcome(0.5)));
  Outcome odd = testing::SampleOutcome(0.25);
  odd.rows[0].layer = -1;
  EXPECT_STATUS(Commit(Claim(w2_, copy, 0), odd), kInvalidArgument, "layer -1");
  EXPECT_EQ(observer_.nondeterminism, 0);
}

TEST_F(CoreSpeculationTest, BothCommitsInOneStepAreComparedToo) {
  const Grant copy = CopyOf(Poll(w2_));
  const auto outcome = [&](double accuracy) {
    Outcome result = Granted(slow_, 0);
    result.rows[0].values["accuracy"] = accuracy;
    return result;
  };
  Answered<CommitAnswer> first, second;
  core_->Commit(Claim(w1_, slow_, 0), outcome(0.5), first.reply());
  core_->Commit(Claim(w2_, copy, 0), outcome(0.25), second.reply());
  core_->Step();
  EXPECT_FALSE(first.get()->already_committed);
  EXPECT_TRUE(second.get()->already_committed);
  EXPECT_EQ(observer_.nondeterminism, 1);
}

TEST_F(CoreSpeculationTest, LosingEitherLeaseIsNoFailureAndTheOtherGoesOn) {
  const Grant copy = CopyOf(Poll(w2_));
  Run(absl::Seconds(40), {{w2_, copy.lease_id}});
  EXPECT_EQ(observer_.leases_lost, 1) << "w1 fell silent";
  EXPECT_EQ(Counts(id_)[TaskState::kLeased], 2);
  EXPECT_EQ(Tasks(id_)[2].leases_lost, 0);
  EXPECT_STATUS(Commit(Claim(w1_, slow_, 0)), kAborted, "stale");
  ASSERT_OK(Commit(Claim(w2_, copy, 0)));
  Run(absl::Seconds(40), {});
  EXPECT_EQ(Tasks(id_)[3].leases_lost, 1) << "the last one counts";
  EXPECT_EQ(Tasks(id_)[3].state, TaskState::kReady);
}

TEST_F(CoreSpeculationTest, ACopyThatIsLostIsNotGivenAgain) {
  const Grant copy = CopyOf(Poll(w2_));
  ASSERT_OK(Fail(Claim(w2_, copy, 0), FailureKind::kTransient, "no memory"));
  ASSERT_OK(Release(w2_, copy.lease_id));
  EXPECT_THAT(observer_.failures, IsEmpty());
  EXPECT_EQ(Tasks(id_)[2].state, TaskState::kLeased);
  const auto poll = Poll(w2_);
  Run(absl::Seconds(50), {{w1_, slow_.lease_id}});
  EXPECT_FALSE(poll.came());
  EXPECT_OK(Commit(Claim(w1_, slow_, 0)));
}

TEST_F(CoreSpeculationTest, CancellingReachesBothWorkers) {
  const Grant copy = CopyOf(Poll(w2_));
  ASSERT_OK(Cancel(id_));
  for (const auto& [worker, grant] : {std::pair(w1_, slow_), std::pair(w2_, copy)}) {
    ASSERT_OK_AND_ASSIGN(const HeartbeatAnswer beat, Beat(worker, {{grant.lease_id, 999, 1000}}));
    EXPECT_THAT(beat.revoked_task_ids, UnorderedElementsAre(slow_.tasks[0].task_id, slow_.tasks[1].task_id));
    EXPECT_STATUS(Commit(Claim(worker, grant, 0)), kAborted, "cancelled");
    EXPECT_OK(Release(worker, grant.lease_id));
  }
  ASSERT_OK(Retry(id_));
  const Grant again = MustLease(w1_);
  EXPECT_EQ(again.tasks[0].epoch, copy.tasks[0].epoch + 1);
  EXPECT_STATUS(Commit(Claim(w2_, copy, 0)), kAborted, "stale") << "a copy of the former generation";
}

TEST_F(CoreSpeculationTest, BothLeasesOutliveTheCoordinator) {
  const Grant copy = CopyOf(Poll(w2_));
  Restart();
  for (const auto& [worker, grant] : {std::pair(w1_, slow_), std::pair(w2_, copy)}) {
    ASSERT_OK_AND_ASSIGN(const HeartbeatAnswer beat, Beat(worker, {{grant.lease_id, 1, 1000}}));
    EXPECT_THAT(beat.renewed_lease_ids, ElementsAre(grant.lease_id));
    EXPECT_THAT(beat.revoked_task_ids, IsEmpty());
  }
  ASSERT_OK(Commit(Claim(w2_, copy, 0)));
  Restart();
  ASSERT_OK_AND_ASSIGN(const CommitAnswer late, Commit(Claim(w1_, slow_, 0), testing::SampleOutcome(0.25)));
  EXPECT_TRUE(late.already_committed);
  EXPECT_EQ(observer_.nondeterminism, 1) << "compared with what is stored";
}

}  // namespace
}  // namespace probesweep::server
