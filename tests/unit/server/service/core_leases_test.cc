// Workers that do as they should: register, lease, heartbeat, commit, release, drain.
#include <gmock/gmock.h>

#include "tests/unit/server/service/core_fixture.h"

namespace probesweep::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(CoreTest, AGrantHoldsAllDimensionsOfOneCheckpointWithWhatTheWorkerNeeds) {
  const std::string id = Submit(2);
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  EXPECT_EQ(grant.sweep_id, id);
  EXPECT_EQ(grant.model, "pythia");
  EXPECT_EQ(grant.checkpoint.path, "/models/step0");
  EXPECT_EQ(grant.ttl, options_.lease.ttl);
  ASSERT_EQ(grant.tasks.size(), 2u);
  EXPECT_EQ(grant.tasks[0].epoch, 1);
  EXPECT_EQ(grant.tasks[1].dimension.name, "privacy");
  EXPECT_EQ(Counts(id)[TaskState::kLeased], 2);
  EXPECT_EQ(observer_.granted, 2);
  const WorkerView view = WorkerNow("w1");
  EXPECT_EQ(view.state, WorkerState::kBusy);
  EXPECT_EQ(view.sweep_id, id);
  EXPECT_EQ(view.checkpoint, "step0");
}

TEST_F(CoreTest, APollWaitsForWorkUntilItsTimeIsUp) {
  ASSERT_OK(Register(w1_));
  const auto poll = Poll(w1_, absl::Seconds(20));
  EXPECT_FALSE(poll.came());
  EXPECT_EQ(core_->NextWake(), clock_.Steady() + absl::Seconds(20));
  Pass(absl::Seconds(19));
  EXPECT_FALSE(poll.came());
  Pass(absl::Seconds(1));
  ASSERT_OK(poll.get());
  EXPECT_FALSE(poll.get()->grant.has_value());
  const auto next = Poll(w1_, absl::Seconds(20));
  Submit();
  ASSERT_OK(next.get());
  EXPECT_TRUE(next.get()->grant.has_value()) << "work that comes is granted at once";
}

TEST_F(CoreTest, NoPollWaitsLongerThanTheCoordinatorAllows) {
  ASSERT_OK(Register(w1_));
  const auto poll = Poll(w1_, absl::Hours(5));
  Pass(options_.max_poll);
  EXPECT_TRUE(poll.came());
  EXPECT_TRUE(Poll(w1_, -absl::Seconds(1)).came());
}

TEST_F(CoreTest, AnAbandonedPollGetsNoWork) {
  const std::string id = Submit();
  ASSERT_OK(Cancel(id));
  ASSERT_OK(Register(w1_));
  Answered<LeaseAnswer> answer;
  const uint64_t poll = core_->Lease({w1_, absl::Seconds(60), {}}, answer.reply());
  core_->Step();
  core_->AbandonPoll(poll);
  core_->AbandonPoll(poll);
  ASSERT_OK(Retry(id));
  EXPECT_STATUS(answer.get(), kCancelled, "cancelled");
  EXPECT_EQ(Counts(id)[TaskState::kLeased], 0);
}

TEST_F(CoreTest, CommitStoresTheResultWithTheTasksEndAndMayBeRepeated) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  ASSERT_OK_AND_ASSIGN(const CommitAnswer first, Commit(Claim(w1_, grant, 0), testing::SampleOutcome(0.5)));
  EXPECT_FALSE(first.already_committed);
  ASSERT_OK_AND_ASSIGN(const CommitAnswer again, Commit(Claim(w1_, grant, 0), testing::SampleOutcome(0.25)));
  EXPECT_TRUE(again.already_committed);
  ASSERT_OK_AND_ASSIGN(const Outcome stored, store_.ReadOutcome(Tasks(id)[0].reuse_key));
  EXPECT_EQ(stored.rows[0].values.at("accuracy"), 0.5) << "the first one counts";
  Restart();
  ASSERT_OK_AND_ASSIGN(const CommitAnswer later, Commit(Claim(w1_, grant, 0)));
  EXPECT_TRUE(later.already_committed);
  EXPECT_EQ(Counts(id)[TaskState::kDone], 1);
}

TEST_F(CoreTest, TheSameCommitTwiceInOneStepIsStoredOnce) {
  Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  Answered<CommitAnswer> first, second;
  core_->Commit(Claim(w1_, grant, 0), Granted(grant, 0), first.reply());
  core_->Commit(Claim(w1_, grant, 0), Granted(grant, 0), second.reply());
  core_->Step();
  EXPECT_FALSE(first.get()->already_committed);
  EXPECT_TRUE(second.get()->already_committed);
}

TEST_F(CoreTest, AStaleClaimIsRefusedWhicheverPartOfItIsOld) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  const TaskClaim live = Claim(w1_, grant, 0);
  TaskClaim epoch = live, lease = live, incarnation = live, worker = live;
  epoch.epoch = 0;
  lease.lease_id = "ls-other";
  incarnation.worker.incarnation = "i0";
  worker.worker.id = "w9";
  for (const TaskClaim& stale : {epoch, lease, incarnation, worker}) {
    EXPECT_STATUS(Commit(stale), kAborted, live.task_id, "stale", "leased at epoch 1");
    EXPECT_STATUS(Fail(stale, FailureKind::kPermanent), kAborted, "stale");
  }
  EXPECT_EQ(observer_.stale_commits, 4);
  EXPECT_EQ(Counts(id)[TaskState::kLeased], 2) << "nothing changed";
  EXPECT_OK(Commit(live));
  TaskClaim unknown = live;
  unknown.task_id = "sw-x-00000";
  EXPECT_STATUS(Commit(unknown), kNotFound, "sw-x-00000");
}

TEST_F(CoreTest, ACommitThatCannotBeStoredLeavesTheTaskLeased) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  Outcome outcome = testing::SampleOutcome();
  outcome.rows[0].values["acuracy"] = 1;
  EXPECT_STATUS(Commit(Claim(w1_, grant, 0), outcome), kInvalidArgument, "'acuracy'");
  outcome = testing::SampleOutcome();
  outcome.rows[1].protocol = "paper";
  EXPECT_STATUS(Commit(Claim(w1_, grant, 0), outcome), kInvalidArgument, "layer 1", "protocol 'paper'");
  outcome = testing::SampleOutcome();
  outcome.artifacts = {{"probes", Sha256Hex("artifact"), 8}};
  missing_blobs_ = {Sha256Hex("artifact")};
  EXPECT_STATUS(Commit(Claim(w1_, grant, 0), outcome), kFailedPrecondition, "PutArtifact",
                Sha256Hex("artifact"));
  EXPECT_EQ(Counts(id)[TaskState::kLeased], 2);
  missing_blobs_.clear();
  EXPECT_OK(Commit(Claim(w1_, grant, 0), outcome));
}

PassStatistics SomeStatistics() {
  PassStatistics statistics;
  statistics.forward = absl::Seconds(3);
  statistics.tokens = 42;
  return statistics;
}

TEST_F(CoreTest, ReleaseAfterTheLastCommitReportsThePassOnceAndEndsTheLease) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  for (size_t task = 0; task < 2; ++task) ASSERT_OK(Commit(Claim(w1_, grant, task)));
  EXPECT_EQ(WorkerNow("w1").state, WorkerState::kBusy) << "the pass is not over";
  ASSERT_OK(Release(w1_, grant.lease_id, SomeStatistics()));
  ASSERT_EQ(observer_.passes.size(), 1u);
  EXPECT_EQ(observer_.passes[0].tokens, 42);
  EXPECT_EQ(WorkerNow("w1").state, WorkerState::kIdle);
  EXPECT_EQ(Counts(id)[TaskState::kDone], 2);
  ASSERT_OK(Release(w1_, grant.lease_id, SomeStatistics()));
  EXPECT_EQ(observer_.passes.size(), 1u) << "a repeated release is ignored";
  Pass(absl::Minutes(10));
  EXPECT_EQ(observer_.leases_lost, 0);
}

TEST_F(CoreTest, ALeaseWhoseTasksAreDoneIsNotLostWhenItsWorkerFallsSilent) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  for (size_t task = 0; task < 2; ++task) ASSERT_OK(Commit(Claim(w1_, grant, task)));
  Pass(absl::Minutes(1));
  EXPECT_EQ(observer_.leases_lost, 0);
  EXPECT_EQ(Counts(id)[TaskState::kDone], 2);
  EXPECT_EQ(core_->NextWake(), absl::InfiniteDuration()) << "the lease is gone";
}

TEST_F(CoreTest, ReleaseGivesUnfinishedTasksBackWithoutCountingIt) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  ASSERT_OK(Commit(Claim(w1_, grant, 0)));
  ASSERT_OK(Release(WorkerRef{"w1", "i0"}, grant.lease_id));
  EXPECT_EQ(Counts(id)[TaskState::kLeased], 1) << "another process cannot release it";
  ASSERT_OK(Release(w1_, grant.lease_id));
  const std::vector<Task> tasks = Tasks(id);
  EXPECT_EQ(tasks[0].state, TaskState::kDone);
  EXPECT_EQ(tasks[1].state, TaskState::kReady);
  EXPECT_EQ(tasks[1].failures + tasks[1].leases_lost, 0);
  EXPECT_STATUS(Commit(Claim(w1_, grant, 1)), kAborted, "is over");
}

TEST_F(CoreTest, AskingForWorkGivesBackAGrantThatNeverArrivedAndOnlyWhatIsUnfinished) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  const Grant lost = MustLease(w1_);
  ASSERT_OK(Commit(Claim(w1_, lost, 0)));
  const Grant again = MustLease(w1_);
  ASSERT_EQ(again.tasks.size(), 1u);
  EXPECT_EQ(again.tasks[0].task_id, lost.tasks[1].task_id);
  EXPECT_EQ(again.tasks[0].epoch, 2);
  EXPECT_NE(again.lease_id, lost.lease_id);
  EXPECT_EQ(Tasks(id)[0].state, TaskState::kDone);
  EXPECT_EQ(Tasks(id)[1].leases_lost, 0);
}

TEST_F(CoreTest, AskingAgainAfterTheLastCommitTouchesNoFinishedTask) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  for (size_t task = 0; task < 2; ++task) ASSERT_OK(Commit(Claim(w1_, grant, task)));
  EXPECT_FALSE(Poll(w1_).came());
  EXPECT_EQ(Counts(id)[TaskState::kDone], 2);
  EXPECT_EQ(WorkerNow("w1").state, WorkerState::kIdle);
}

TEST_F(CoreTest, ASecondPollOfAWorkerEndsTheFirst) {
  ASSERT_OK(Register(w1_));
  const auto first = Poll(w1_);
  const auto second = Poll(w1_);
  ASSERT_OK(first.get());
  EXPECT_FALSE(first.get()->grant.has_value());
  EXPECT_FALSE(second.came());
  const std::string id = Submit();
  EXPECT_TRUE(second.get()->grant.has_value());
  EXPECT_EQ(Counts(id)[TaskState::kLeased], 2);
}

TEST_F(CoreTest, OnlyRegisteredWorkersAreServed) {
  EXPECT_STATUS(Poll(w1_).get(), kNotFound, "'w1'", "register first");
  EXPECT_STATUS(Beat(w1_, {}), kNotFound, "register first");
  ASSERT_OK(Register(w1_));
  EXPECT_STATUS(Poll({"w1", "other"}).get(), kFailedPrecondition, "another process");
  EXPECT_STATUS(Beat({"w1", "other"}, {}), kFailedPrecondition, "another process");
}

TEST_F(CoreTest, RegistrationRefusesNamelessWorkersAndOtherEngines) {
  EXPECT_STATUS(Register({"", "i"}), kInvalidArgument, "id");
  EXPECT_STATUS(Register({"w", ""}), kInvalidArgument, "incarnation");
  EXPECT_STATUS(Register({"w\nforged line of the log", "i"}), kInvalidArgument, "worker.worker_id");
  EXPECT_STATUS(Register({"w", std::string(129, 'i')}), kInvalidArgument, "worker.incarnation");
  const auto other = Request<RegisterAnswer>([&](Reply<RegisterAnswer> reply) {
    core_->Register({w1_, "host", "cpu", "1", "engine-0"}, std::move(reply));
  });
  EXPECT_STATUS(other, kFailedPrecondition, "engine-0", "engine-1", "same release");
}

TEST_F(CoreTest, RegistrationRefusesTextsThatNoListCanShow) {
  for (const std::string& text : {std::string(257, 'x'), std::string("two\nlines"), std::string("\xff")}) {
    for (const std::string field : {"host", "device", "version"}) {
      RegisterCommand command{w1_, "host", "cpu", "1", "engine-1"};
      (field == "host" ? command.host : field == "device" ? command.device : command.version) = text;
      const auto answer = Request<RegisterAnswer>(
          [&](Reply<RegisterAnswer> reply) { core_->Register(command, std::move(reply)); });
      EXPECT_STATUS(answer, kInvalidArgument, field + ": ");
    }
  }
}

// The answer lists a lease's tasks: named without end, it would have no end.
TEST_F(CoreTest, ALeaseThatAHeartbeatNamesTwiceIsRenewedOnce) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  ASSERT_OK(Cancel(id));
  ASSERT_OK_AND_ASSIGN(const HeartbeatAnswer beat,
                       Beat(w1_, {{grant.lease_id, 1, 6}, {grant.lease_id, 2, 6}}));
  EXPECT_THAT(beat.renewed_lease_ids, ElementsAre(grant.lease_id));
  EXPECT_EQ(beat.revoked_task_ids.size(), 2u);
}

TEST_F(CoreTest, ADrainedWorkerFinishesWhatItHoldsAndGetsNoMore) {
  const std::string id = Submit(2);
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  const auto drain =
      Request<WorkerView>([&](Reply<WorkerView> reply) { core_->DrainWorker("w1", std::move(reply)); });
  ASSERT_OK(drain);
  EXPECT_EQ(drain->state, WorkerState::kDraining);
  ASSERT_OK_AND_ASSIGN(const HeartbeatAnswer beat, Beat(w1_, {{grant.lease_id, 1, 6}}));
  EXPECT_TRUE(beat.drain);
  EXPECT_THAT(beat.renewed_lease_ids, ElementsAre(grant.lease_id));
  EXPECT_THAT(beat.revoked_task_ids, IsEmpty());
  EXPECT_OK(Commit(Claim(w1_, grant, 0)));
  EXPECT_OK(Release(w1_, grant.lease_id));
  const auto poll = Poll(w1_).get();
  ASSERT_OK(poll);
  EXPECT_TRUE(poll->drain);
  EXPECT_FALSE(poll->grant.has_value());
  EXPECT_EQ(Counts(id)[TaskState::kReady], 3);
  Restart();
  EXPECT_TRUE(Poll(w1_).get()->drain) << "a drain outlives the coordinator";
  ASSERT_OK(Register({"w1", "i2"}));
  EXPECT_TRUE(Poll({"w1", "i2"}).get()->grant.has_value()) << "a new process works again";
}

TEST_F(CoreTest, DrainingEndsAParkedPoll) {
  ASSERT_OK(Register(w1_));
  const auto poll = Poll(w1_);
  ASSERT_OK(
      Request<WorkerView>([&](Reply<WorkerView> reply) { core_->DrainWorker("w1", std::move(reply)); }));
  ASSERT_OK(poll.get());
  EXPECT_TRUE(poll.get()->drain);
  EXPECT_STATUS(
      Request<WorkerView>([&](Reply<WorkerView> reply) { core_->DrainWorker("w9", std::move(reply)); }),
      kNotFound, "'w9'", "worker list");
}

}  // namespace
}  // namespace probesweep::server
