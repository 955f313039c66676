// What is acknowledged is stored; what is not stored has not happened.
#include <gmock/gmock.h>

#include "tests/unit/server/service/core_fixture.h"

namespace probesweep::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const absl::Status kDiskFull = absl::UnavailableError("disk full");

TEST_F(CoreTest, NoReplyComesBeforeItsChangeIsStored) {
  Answered<SweepView> answer;
  core_->CreateSweep("r", testing::SampleSpec(), testing::SamplePlan(1), answer.reply());
  EXPECT_FALSE(answer.came());
  EXPECT_THAT(store_.Load()->sweeps, IsEmpty());
  core_->Step();
  EXPECT_OK(answer.get());
  EXPECT_EQ(store_.Load()->sweeps.size(), 1u);
  EXPECT_EQ(store_.Load()->tasks.size(), 2u);
}

TEST_F(CoreTest, AllRequestsOfAStepAreOneCommit) {
  Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  const int before = store_.commits;
  Answered<CommitAnswer> first, second;
  core_->Commit(Claim(w1_, grant, 0), Granted(grant, 0), first.reply());
  core_->Commit(Claim(w1_, grant, 1), Granted(grant, 1), second.reply());
  core_->Step();
  EXPECT_OK(first.get());
  EXPECT_OK(second.get());
  EXPECT_EQ(store_.commits, before + 1);
  core_->Step();
  EXPECT_EQ(store_.commits, before + 1) << "a step without changes writes nothing";
}

TEST_F(CoreTest, AFailedCommitAcknowledgesNothingAndIsAsIfItWereNeverAsked) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  store_.failure = kDiskFull;
  EXPECT_STATUS(Commit(Claim(w1_, grant, 0)), kUnavailable, "cannot reach its store", "disk full");
  EXPECT_FALSE(core_->health().ok());
  EXPECT_STATUS(Get(id), kUnavailable, "disk full");
  EXPECT_STATUS(Create(testing::SampleSpec(), 1, "r2"), kUnavailable, "disk full");
  store_.failure = absl::OkStatus();
  Pass(options_.store_retry);
  EXPECT_OK(core_->health());
  EXPECT_EQ(Counts(id)[TaskState::kLeased], 2);
  EXPECT_EQ(store_.Load()->sweeps.size(), 1u) << "the refused sweep was not made";
  ASSERT_OK_AND_ASSIGN(const CommitAnswer again, Commit(Claim(w1_, grant, 0)));
  EXPECT_FALSE(again.already_committed);
}

TEST_F(CoreTest, AGrantThatCouldNotBeStoredWasNotGiven) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  store_.failure = kDiskFull;
  Answered<LeaseAnswer> poll;
  core_->Lease({w1_, absl::Seconds(60), {}}, poll.reply());
  core_->Step();
  EXPECT_STATUS(poll.get(), kUnavailable, "disk full");
  EXPECT_EQ(observer_.granted, 0) << "what was undone is not counted";
  store_.failure = absl::OkStatus();
  Pass(options_.store_retry);
  EXPECT_EQ(Counts(id)[TaskState::kReady], 2);
}

TEST_F(CoreTest, AStoreThatRefusesACommitButCanBeReadServesOnAtOnce) {
  const std::string id = Submit();
  store_.commit_failure = kDiskFull;
  EXPECT_STATUS(Cancel(id), kUnavailable, "disk full");
  EXPECT_EQ(Counts(id)[TaskState::kReady], 2) << "from the store, where nothing was cancelled";
  EXPECT_STATUS(Cancel(id), kUnavailable, "disk full");
  store_.commit_failure = absl::OkStatus();
  Pass(options_.store_retry);
  EXPECT_OK(Cancel(id));
}

TEST_F(CoreTest, WhileTheStoreTakesNoChangesTheCoordinatorIsNotReady) {
  const std::string id = Submit();
  EXPECT_OK(core_->health());
  store_.commit_failure = kDiskFull;
  EXPECT_FALSE(Cancel(id).ok());
  EXPECT_STATUS(core_->health(), kUnavailable, "takes no changes", "disk full");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(core_->NextWake(), clock_.Steady() + options_.store_retry) << "it is asked again by itself";
    Pass(options_.store_retry);
    EXPECT_FALSE(core_->health().ok());
  }
  const int commits = store_.commits;
  store_.commit_failure = absl::OkStatus();
  core_->Step();
  EXPECT_FALSE(core_->health().ok()) << "not asked more often than that";
  Pass(options_.store_retry);
  EXPECT_OK(core_->health());
  EXPECT_EQ(core_->NextWake(), absl::InfiniteDuration());
  EXPECT_EQ(store_.commits, commits) << "nobody had to ask for a change";
}

TEST_F(CoreTest, AChangeThatIsStoredMakesTheCoordinatorReadyAtOnce) {
  const std::string id = Submit();
  store_.commit_failure = kDiskFull;
  EXPECT_FALSE(Cancel(id).ok());
  store_.commit_failure = absl::OkStatus();
  EXPECT_OK(Cancel(id));
  EXPECT_OK(core_->health());
}

TEST_F(CoreTest, WhileTheStoreIsAwayItIsAskedNowAndThenAndTheMessageStaysShort) {
  const std::string id = Submit();
  store_.failure = kDiskFull;
  EXPECT_FALSE(Cancel(id).ok());
  const std::string message(core_->health().message());
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(core_->NextWake(), clock_.Steady() + options_.store_retry);
    Pass(options_.store_retry);
    const int loads = store_.loads;
    core_->Step();
    EXPECT_EQ(store_.loads, loads) << "others' requests do not hurry it";
    EXPECT_EQ(core_->health().message(), message);
  }
}

TEST_F(CoreTest, AParkedPollIsServedAsSoonAsTheStoreIsBack) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  store_.failure = kDiskFull;
  EXPECT_FALSE(Cancel(id).ok());
  Answered<LeaseAnswer> poll;
  core_->Lease({w1_, absl::Seconds(60), {}}, poll.reply());
  core_->Step();
  EXPECT_FALSE(poll.came());
  store_.failure = absl::OkStatus();
  Pass(options_.store_retry);
  ASSERT_OK(poll.get());
  EXPECT_TRUE(poll.get()->grant.has_value());
}

TEST_F(CoreTest, APollOfAWorkerWhoseRegistrationWasUndoneIsRefused) {
  Submit();
  store_.failure = kDiskFull;
  Answered<RegisterAnswer> registered;
  Answered<LeaseAnswer> poll;
  core_->Register({w1_, "host", "cpu", "1", "engine-1"}, registered.reply());
  core_->Step();
  core_->Lease({w1_, absl::Seconds(60), {}}, poll.reply());
  core_->Step();
  EXPECT_STATUS(registered.get(), kUnavailable, "disk full");
  store_.failure = absl::OkStatus();
  Pass(options_.store_retry);
  EXPECT_STATUS(poll.get(), kNotFound, "register first");
}

TEST_F(CoreTest, AWatchLearnsThatAChangeWasUndone) {
  const std::string id = Submit();
  std::vector<SweepState> seen;
  core_->Watch(id, [&](absl::StatusOr<SweepUpdate> update) {
    ASSERT_OK(update);
    seen.push_back(update->view.state());
  });
  core_->Step();
  store_.failure = kDiskFull;
  EXPECT_FALSE(Cancel(id).ok());
  EXPECT_THAT(seen, ElementsAre(SweepState::kRunning)) << "what is not stored is not told";
  store_.failure = absl::OkStatus();
  Pass(options_.store_retry);
  EXPECT_THAT(seen, ElementsAre(SweepState::kRunning, SweepState::kRunning));
}

TEST_F(CoreTest, ACoordinatorDoesNotStartOnAStoreThatCannotBeRead) {
  store_.failure = absl::DataLossError("bad page");
  CoordinatorCore core(
      options_, &store_, [](const std::string&) { return true; }, &clock_, &random_, &observer_);
  EXPECT_STATUS(core.Start(), kDataLoss, "bad page");
}

TEST_F(CoreTest, AfterARestartRunningLeasesGetAFullTimeAndTheirWorkersGoOn) {
  const std::string id = Submit(2);
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  ASSERT_OK(Commit(Claim(w1_, grant, 0)));
  clock_.Advance(absl::Seconds(29));
  Restart();
  Pass(absl::Seconds(29));
  ASSERT_OK_AND_ASSIGN(const HeartbeatAnswer beat, Beat(w1_, {{grant.lease_id, 3, 6}}));
  EXPECT_THAT(beat.renewed_lease_ids, ElementsAre(grant.lease_id));
  EXPECT_THAT(beat.revoked_task_ids, IsEmpty());
  const WorkerView view = WorkerNow("w1");
  EXPECT_EQ(view.state, WorkerState::kBusy);
  EXPECT_EQ(view.checkpoint, "step0");
  Pass(absl::Seconds(29));
  ASSERT_OK(Commit(Claim(w1_, grant, 1)));
  PassStatistics statistics;
  statistics.tokens = 7;
  ASSERT_OK(Release(w1_, grant.lease_id, statistics));
  EXPECT_EQ(observer_.passes.size(), 1u);
  EXPECT_EQ(Counts(id)[TaskState::kDone], 2);
  EXPECT_EQ(observer_.leases_lost, 0);
}

TEST_F(CoreTest, AfterARestartALeaseWhoseWorkerDiedTooIsLostInTime) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  MustLease(w1_);
  Restart();
  EXPECT_EQ(core_->NextWake(), clock_.Steady() + absl::Seconds(30));
  Pass(absl::Seconds(30));
  EXPECT_EQ(Counts(id)[TaskState::kReady], 2);
  EXPECT_EQ(Tasks(id)[0].leases_lost, 1);
}

TEST_F(CoreTest, ARestartKeepsCountsWaitingRetriesAndQuarantines) {
  const std::string id = Submit(2);
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  ASSERT_OK(Fail(Claim(w1_, grant, 0), FailureKind::kTransient));
  ASSERT_OK(Fail(Claim(w1_, grant, 1), FailureKind::kPermanent, "label 2"));
  const std::vector<Task> before = Tasks(id);
  Restart();
  const std::vector<Task> after = Tasks(id);
  EXPECT_EQ(after[0].state, TaskState::kRetryWait);
  EXPECT_EQ(after[0].not_before, before[0].not_before);
  EXPECT_EQ(after[1].state, TaskState::kQuarantined);
  EXPECT_THAT(after[1].error, HasSubstr("label 2"));
  Pass(absl::Seconds(5));
  EXPECT_EQ(Tasks(id)[0].state, TaskState::kReady);
  EXPECT_EQ(observer_.gauges.tasks[static_cast<size_t>(TaskState::kReady)], 3);
  EXPECT_EQ(observer_.gauges.sweeps[static_cast<size_t>(SweepState::kRunning)], 1);
}

TEST_F(CoreTest, AStoreThatLacksTasksIsNotServedFrom) {
  ChangeSet changes;
  changes.sweeps.resize(1);
  changes.sweeps[0].id = "s";
  changes.sweeps[0].spec = testing::SampleSpec();
  changes.sweeps[0].checkpoints = testing::SamplePlan(1).checkpoints;
  ASSERT_OK(store_.Commit(changes));
  CoordinatorCore core(
      options_, &store_, [](const std::string&) { return true; }, &clock_, &random_, &observer_);
  EXPECT_STATUS(core.Start(), kDataLoss, "sweep s has 0 tasks");
}

}  // namespace
}  // namespace probesweep::server
