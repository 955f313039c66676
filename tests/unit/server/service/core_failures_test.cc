// Tasks that fail, by kind.
#include <gmock/gmock.h>

#include "tests/unit/server/service/core_fixture.h"

namespace probesweep::server {
namespace {

using ::testing::ElementsAre;

TEST_F(CoreTest, ATransientFailureWaitsLongerEachTimeThenQuarantines) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  absl::Duration waited[2];
  for (absl::Duration& wait : waited) {
    const Grant grant = MustLease(w1_);
    ASSERT_OK(Fail(Claim(w1_, grant, 0), FailureKind::kTransient, "out of memory"));
    ASSERT_OK(Release(w1_, grant.lease_id));
    const Task task = Tasks(id)[0];
    EXPECT_EQ(task.state, TaskState::kRetryWait);
    EXPECT_EQ(task.error, "out of memory");
    wait = task.not_before - clock_.Now();
    EXPECT_EQ(core_->NextWake(), clock_.Steady() + wait);
    Pass(wait - absl::Nanoseconds(1));
    EXPECT_EQ(Tasks(id)[0].state, TaskState::kRetryWait);
    Pass(absl::Nanoseconds(1));
    EXPECT_EQ(Tasks(id)[0].state, TaskState::kReady);
  }
  EXPECT_GE(waited[0], absl::Seconds(2.5));
  EXPECT_LE(waited[0], absl::Seconds(5));
  EXPECT_GE(waited[1], absl::Seconds(5));
  EXPECT_LE(waited[1], absl::Seconds(10));
  ASSERT_OK(Fail(Claim(w1_, MustLease(w1_), 0), FailureKind::kTransient, "out of memory"));
  EXPECT_EQ(Tasks(id)[0].state, TaskState::kQuarantined);
  EXPECT_EQ(observer_.failures.size(), 3u);
}

TEST_F(CoreTest, AReportOfFailureMayBeRepeated) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  for (int i = 0; i < 2; ++i) ASSERT_OK(Fail(Claim(w1_, grant, 0), FailureKind::kTransient));
  EXPECT_EQ(Tasks(id)[0].failures, 1);
  EXPECT_THAT(observer_.failures, ElementsAre(FailureKind::kTransient));
}

TEST_F(CoreTest, APermanentFailureEndsItsTaskAlone) {
  const std::string id = Submit(2);
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  ASSERT_OK(Fail(Claim(w1_, grant, 0), FailureKind::kPermanent, "label 2"));
  const std::vector<Task> tasks = Tasks(id);
  EXPECT_EQ(tasks[0].state, TaskState::kQuarantined);
  EXPECT_EQ(tasks[0].error, "label 2");
  EXPECT_EQ(tasks[1].state, TaskState::kLeased);
  EXPECT_EQ(tasks[2].state, TaskState::kReady);
}

TEST_F(CoreTest, ACorruptCheckpointEndsAllItsDimensionsAndNoOtherCheckpoint) {
  ASSERT_OK_AND_ASSIGN(const SweepView view, Create(testing::SampleSpec({"a", "b", "c"}), 2, "r"));
  const std::string id = view.sweep->id, other = Submit(1, "other");
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  ASSERT_EQ(grant.sweep_id, id);
  ASSERT_OK(Commit(Claim(w1_, grant, 0)));
  ASSERT_OK(Fail(Claim(w1_, grant, 1), FailureKind::kCheckpointCorrupt, "layer 3 has NaN"));
  const std::vector<Task> tasks = Tasks(id);
  EXPECT_EQ(tasks[0].state, TaskState::kDone) << "what was committed before stays";
  for (const int bad : {1, 2}) {
    EXPECT_EQ(tasks[bad].state, TaskState::kQuarantined);
    EXPECT_EQ(tasks[bad].failure_kind, FailureKind::kCheckpointCorrupt);
    EXPECT_EQ(tasks[bad].error, "layer 3 has NaN");
  }
  for (const int good : {3, 4, 5}) EXPECT_EQ(tasks[good].state, TaskState::kReady);
  EXPECT_EQ(Counts(other)[TaskState::kReady], 2);
  ASSERT_OK_AND_ASSIGN(const HeartbeatAnswer beat, Beat(w1_, {{grant.lease_id, 1, 6}}));
  EXPECT_THAT(beat.revoked_task_ids, ::testing::Contains(grant.tasks[2].task_id));
  EXPECT_OK(Fail(Claim(w1_, grant, 2), FailureKind::kCheckpointCorrupt)) << "the rest may be reported too";
  EXPECT_EQ(observer_.failures.size(), 2u);
}

TEST_F(CoreTest, ACorruptCheckpointAlsoEndsWhatAnotherWorkerHoldsOfIt) {
  ASSERT_OK(Register(w1_));
  ASSERT_OK(Register(w2_));
  const auto first = Poll(w1_), second = Poll(w2_);
  const std::string id = Submit();
  const Grant mine = *first.get()->grant, theirs = *second.get()->grant;
  ASSERT_OK(Fail(Claim(w1_, mine, 0), FailureKind::kCheckpointCorrupt));
  EXPECT_EQ(Counts(id)[TaskState::kQuarantined], 2);
  ASSERT_OK_AND_ASSIGN(const HeartbeatAnswer beat, Beat(w2_, {{theirs.lease_id, 1, 6}}));
  EXPECT_THAT(beat.revoked_task_ids, ElementsAre(theirs.tasks[0].task_id));
  EXPECT_STATUS(Commit(Claim(w2_, theirs, 0)), kAborted, "quarantined");
}

TEST_F(CoreTest, AWaitingTaskTakesTheResultThatAnotherSweepFindsMeanwhile) {
  const std::string id = Submit(1, "r1");
  ASSERT_OK(Register(w1_));
  ASSERT_OK(Fail(Claim(w1_, MustLease(w1_), 0), FailureKind::kTransient));
  ASSERT_OK_AND_ASSIGN(const SweepView other, Create(testing::SampleSpec({"truth"}), 1, "r2"));
  // The first sweep's other task may come first: the worker takes both, one after the other.
  Grant grant = MustLease(w1_);
  if (grant.sweep_id != other.sweep->id) {
    ASSERT_OK(Commit(Claim(w1_, grant, 0)));
    grant = MustLease(w1_);
  }
  ASSERT_OK(Commit(Claim(w1_, grant, 0)));
  EXPECT_EQ(Tasks(id)[0].state, TaskState::kDone);
  EXPECT_TRUE(Tasks(id)[0].reused);
  EXPECT_EQ(Tasks(id)[0].error, "");
}

}  // namespace
}  // namespace probesweep::server
