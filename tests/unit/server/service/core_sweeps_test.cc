// What people ask of the coordinator: create, list, cancel, retry, delete, results.
#include <gmock/gmock.h>

#include "tests/unit/server/service/core_fixture.h"

namespace probesweep::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::SampleSpec;

TEST_F(CoreTest, CreateMakesATaskForEachCheckpointAndDimensionInPlannedOrder) {
  ASSERT_OK_AND_ASSIGN(const SweepView view, Create(SampleSpec(), 2, "r"));
  EXPECT_EQ(view.state(), SweepState::kRunning);
  EXPECT_EQ(view.counts[TaskState::kReady], 4);
  EXPECT_EQ(view.sweep->create_time, clock_.Now());
  EXPECT_EQ(view.sweep->end_time, std::nullopt);
  std::vector<std::pair<int, int>> order;
  for (const Task& task : Tasks(view.sweep->id)) order.emplace_back(task.checkpoint, task.dimension);
  EXPECT_THAT(order, ElementsAre(std::pair(0, 0), std::pair(0, 1), std::pair(1, 0), std::pair(1, 1)));
}

TEST_F(CoreTest, TheSameRequestGivesTheSameSweepAlsoAfterARestart) {
  ASSERT_OK_AND_ASSIGN(const SweepView first, Create(SampleSpec(), 2, "r"));
  ASSERT_OK_AND_ASSIGN(const SweepView again, Create(SampleSpec(), 2, "r"));
  EXPECT_EQ(again.sweep->id, first.sweep->id);
  Restart();
  // The folders may be gone by now: what was served is served again.
  const auto later = Request<SweepView>([&](Reply<SweepView> reply) {
    core_->CreateSweep("r", SampleSpec(), absl::NotFoundError("no folder"), std::move(reply));
  });
  ASSERT_OK(later);
  EXPECT_EQ(later->sweep->id, first.sweep->id);
  EXPECT_EQ(later->counts.total(), 4);
}

TEST_F(CoreTest, ARequestIdIsRefusedForAnotherSpec) {
  const std::string id = Submit();
  EXPECT_STATUS(Create(SampleSpec({"truth"}), 1, "r"), kAlreadyExists, "request_id", id);
}

TEST_F(CoreTest, CreateRefusesWhatItCannotServe) {
  EXPECT_STATUS(Create(SampleSpec(), 1, ""), kInvalidArgument, "request_id");
  EXPECT_STATUS(Create(SampleSpec(), 1, std::string(129, 'r')), kInvalidArgument, "request_id");
  EXPECT_STATUS(Create(SampleSpec(), 1, "two\nlines"), kInvalidArgument, "request_id", "line break");
  missing_blobs_ = {SampleSpec().dimensions[1].dataset_digest};
  EXPECT_STATUS(Create(SampleSpec(), 1, "r"), kNotFound, "dimension 'privacy'", "not uploaded");
  const auto unplanned = Request<SweepView>([&](Reply<SweepView> reply) {
    core_->CreateSweep("r", SampleSpec(), absl::InvalidArgumentError("column 3"), std::move(reply));
  });
  EXPECT_STATUS(unplanned, kInvalidArgument, "column 3");
  EXPECT_EQ(store_.commits, 0);
}

TEST_F(CoreTest, TheQueueIsBoundedByOpenTasks) {
  options_.max_open_tasks = 5;
  Restart();
  const std::string id = Submit(2);
  EXPECT_STATUS(Create(SampleSpec(), 1, "r2"), kResourceExhausted, "4 open tasks of at most 5",
                "would add 2");
  ASSERT_OK(Cancel(id));
  EXPECT_OK(Create(SampleSpec(), 1, "r2")) << "what has ended makes room";
}

TEST_F(CoreTest, WorkThatIsDoneAlreadyCostsNothing) {
  const std::string first = Submit(1, "r1");
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  ASSERT_OK(Commit(Claim(w1_, grant, 0)));
  ASSERT_OK_AND_ASSIGN(const SweepView view, Create(SampleSpec(), 2, "r2"));
  EXPECT_EQ(view.counts[TaskState::kDone], 1);
  EXPECT_EQ(view.counts.reused, 1);
  EXPECT_EQ(view.counts[TaskState::kReady], 3);
  EXPECT_EQ(observer_.reused, 1);
  ASSERT_OK(Commit(Claim(w1_, grant, 1)));
  EXPECT_EQ(Counts(view.sweep->id).reused, 2) << "results that come later are shared too";
  ASSERT_OK_AND_ASSIGN(const SweepView whole, Create(SampleSpec(), 1, "r3"));
  EXPECT_EQ(whole.state(), SweepState::kSucceeded);
  EXPECT_EQ(whole.sweep->end_time, clock_.Now());
}

TEST_F(CoreTest, AResultOfTheSameStepIsReusedToo) {
  Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  Answered<CommitAnswer> committed;
  Answered<SweepView> created;
  core_->Commit(Claim(w1_, grant, 0), Granted(grant, 0), committed.reply());
  core_->CreateSweep("r2", SampleSpec(), testing::SamplePlan(1), created.reply());
  core_->Step();
  ASSERT_OK(committed.get());
  ASSERT_OK(created.get());
  EXPECT_EQ(created.get()->counts.reused, 1);
}

TEST_F(CoreTest, AnotherEngineReusesNothing) {
  Submit(1, "r1");
  ASSERT_OK(Register(w1_));
  ASSERT_OK(Commit(Claim(w1_, MustLease(w1_), 0)));
  options_.engine_version = "engine-2";
  Restart();
  ASSERT_OK_AND_ASSIGN(const SweepView view, Create(SampleSpec(), 1, "r2"));
  EXPECT_EQ(view.counts.reused, 0);
}

TEST_F(CoreTest, ASweepThatIsToBeComputedAnewReusesNothingAndReplacesNothing) {
  ASSERT_OK(Create(SampleSpec({"truth"}), 1, "r1"));
  ASSERT_OK(Register(w1_));
  ASSERT_OK(Commit(Claim(w1_, MustLease(w1_), 0), testing::SampleOutcome(0.75)));
  SweepSpec anew = SampleSpec({"truth"});
  anew.recompute = "check-1";
  ASSERT_OK_AND_ASSIGN(const SweepView check, Create(anew, 1, "r2"));
  EXPECT_EQ(check.counts[TaskState::kReady], 1);
  ASSERT_OK(Commit(Claim(w1_, MustLease(w1_), 0), testing::SampleOutcome(0.25)));
  ASSERT_OK_AND_ASSIGN(const SweepView later, Create(SampleSpec({"truth"}), 1, "r3"));
  EXPECT_EQ(later.counts.reused, 1);
  const auto accuracy = [&](const SweepView& view) {
    const absl::StatusOr<Outcome> outcome = store_.ReadOutcome(Tasks(view.sweep->id)[0].reuse_key);
    return outcome.ok() ? outcome->rows[0].values.at("accuracy") : -1;
  };
  EXPECT_EQ(accuracy(check), 0.25);
  EXPECT_EQ(accuracy(later), 0.75);
}

TEST_F(CoreTest, SweepsAreListedNewestFirstPageByPage) {
  std::vector<std::string> ids;
  for (const char* request : {"r1", "r2", "r3"}) ids.push_back(Submit(1, request));
  const auto list = [&](int size, const std::string& token) {
    return Request<Page<SweepView>>(
        [&](Reply<Page<SweepView>> reply) { core_->ListSweeps(size, token, std::move(reply)); });
  };
  ASSERT_OK_AND_ASSIGN(const auto first, list(2, ""));
  ASSERT_EQ(first.items.size(), 2u);
  EXPECT_EQ(first.items[0].sweep->id, ids[2]);
  EXPECT_EQ(first.items[1].sweep->id, ids[1]);
  Submit(1, "r4");  // a newer one does not shift what follows
  ASSERT_OK_AND_ASSIGN(const auto second, list(2, first.next_token));
  ASSERT_EQ(second.items.size(), 1u);
  EXPECT_EQ(second.items[0].sweep->id, ids[0]);
  EXPECT_EQ(second.next_token, "");
  ASSERT_OK_AND_ASSIGN(const auto all, list(4, ""));
  EXPECT_EQ(all.next_token, "") << "a full page that is the last one";
  EXPECT_STATUS(list(2, "x"), kInvalidArgument, "page_token");
  EXPECT_STATUS(list(2, "-1"), kInvalidArgument, "page_token");
}

TEST_F(CoreTest, APageOfSweepsFitsIntoAMessage) {
  SweepSpec spec = SampleSpec();
  spec.checkpoints.resize(1'000, {"/" + std::string(4'000, 'x'), {}, {}});
  for (const char* request : {"r1", "r2", "r3"}) ASSERT_OK(Create(spec, 1, request));
  const auto list = [&](const std::string& token) {
    return Request<Page<SweepView>>(
        [&](Reply<Page<SweepView>> reply) { core_->ListSweeps(100, token, std::move(reply)); });
  };
  ASSERT_OK_AND_ASSIGN(const auto first, list(""));
  EXPECT_EQ(first.items.size(), 2u);  // of 4 MB each
  ASSERT_OK_AND_ASSIGN(const auto second, list(first.next_token));
  EXPECT_EQ(second.items.size(), 1u);
  EXPECT_EQ(second.next_token, "");
}

TEST_F(CoreTest, TasksAreListedWithTheirNamesPageByPage) {
  const std::string id = Submit(2);
  const auto list = [&](int size, const std::string& token) {
    return Request<Page<TaskView>>(
        [&](Reply<Page<TaskView>> reply) { core_->ListTasks(id, size, token, std::move(reply)); });
  };
  ASSERT_OK_AND_ASSIGN(const auto first, list(3, ""));
  ASSERT_EQ(first.items.size(), 3u);
  EXPECT_EQ(first.items[2].checkpoint, "step1");
  EXPECT_EQ(first.items[2].dimension, "truth");
  ASSERT_OK_AND_ASSIGN(const auto second, list(3, first.next_token));
  ASSERT_EQ(second.items.size(), 1u);
  EXPECT_EQ(second.items[0].dimension, "privacy");
  EXPECT_EQ(second.next_token, "");
  ASSERT_OK_AND_ASSIGN(const auto past, list(3, "99"));
  EXPECT_THAT(past.items, IsEmpty());
  EXPECT_STATUS(list(3, "-1"), kInvalidArgument, "page_token");
}

TEST_F(CoreTest, WhatIsNotThereIsNotFound) {
  EXPECT_STATUS(Get("sw-x"), kNotFound, "'sw-x'", "sweep list");
  EXPECT_STATUS(Cancel("sw-x"), kNotFound, "'sw-x'");
  EXPECT_STATUS(Retry("sw-x"), kNotFound, "'sw-x'");
  EXPECT_STATUS(Delete("sw-x"), kNotFound, "'sw-x'");
}

TEST_F(CoreTest, CancelEndsEveryOpenTaskAndMayBeRepeated) {
  const std::string id = Submit(2);
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  ASSERT_OK(Commit(Claim(w1_, grant, 0)));
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK_AND_ASSIGN(const SweepView view, Cancel(id));
    EXPECT_EQ(view.state(), SweepState::kCancelled);
    EXPECT_EQ(view.counts[TaskState::kDone], 1) << "what is done stays";
    EXPECT_EQ(view.counts[TaskState::kCancelled], 3);
    EXPECT_EQ(view.sweep->end_time, absl::UnixEpoch() + absl::Seconds(1000));
    clock_.Advance(absl::Seconds(1));
  }
  ASSERT_OK_AND_ASSIGN(const HeartbeatAnswer beat, Beat(w1_, {{grant.lease_id, 1, 6}}));
  EXPECT_THAT(beat.revoked_task_ids, ::testing::Contains(grant.tasks[1].task_id));
  EXPECT_STATUS(Commit(Claim(w1_, grant, 1)), kAborted, "cancelled");
}

TEST_F(CoreTest, AnOperatorsRetryBringsBackWhatEndedWithoutResult) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  ASSERT_OK(Commit(Claim(w1_, grant, 0)));
  ASSERT_OK(Fail(Claim(w1_, grant, 1), FailureKind::kPermanent));
  ASSERT_OK_AND_ASSIGN(const SweepView failed, Get(id));
  EXPECT_EQ(failed.state(), SweepState::kFailed);
  EXPECT_TRUE(failed.sweep->end_time.has_value());
  ASSERT_OK_AND_ASSIGN(const SweepView back, Retry(id));
  EXPECT_EQ(back.state(), SweepState::kRunning);
  EXPECT_EQ(back.sweep->end_time, std::nullopt);
  EXPECT_EQ(back.counts[TaskState::kDone], 1);
  EXPECT_EQ(Tasks(id)[1].generation, 1);
  ASSERT_OK_AND_ASSIGN(const SweepView again, Retry(id));
  EXPECT_EQ(Tasks(id)[1].generation, 1) << "a second call finds nothing to return";
  const Grant second = MustLease(w1_);
  EXPECT_EQ(second.tasks[0].epoch, 2);
  EXPECT_STATUS(Commit(Claim(w1_, grant, 1)), kAborted, "stale");
  ASSERT_OK(Commit(Claim(w1_, second, 0)));
  EXPECT_EQ(Get(id)->state(), SweepState::kSucceeded);
}

TEST_F(CoreTest, ARetryTakesResultsThatAnotherSweepHasMeanwhile) {
  const std::string cancelled = Submit(1, "r1");
  ASSERT_OK(Cancel(cancelled));
  Submit(1, "r2");
  ASSERT_OK(Register(w1_));
  ASSERT_OK(Commit(Claim(w1_, MustLease(w1_), 0)));
  ASSERT_OK_AND_ASSIGN(const SweepView back, Retry(cancelled));
  EXPECT_EQ(back.counts.reused, 1);
  EXPECT_EQ(back.counts[TaskState::kReady], 1);
}

TEST_F(CoreTest, DeleteWantsAnEndedSweepAndTakesOnlyWhatNobodyElseUses) {
  const std::string id = Submit(1, "r1");
  EXPECT_STATUS(Delete(id), kFailedPrecondition, "still running", "cancel");
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  ASSERT_OK(Commit(Claim(w1_, grant, 0)));
  ASSERT_OK(Commit(Claim(w1_, grant, 1)));
  const std::string user = Create(SampleSpec({"truth"}), 1, "r2")->sweep->id;
  const std::string shared = Tasks(id)[0].reuse_key, own = Tasks(id)[1].reuse_key;
  ASSERT_OK(Delete(id));
  EXPECT_STATUS(Get(id), kNotFound, id);
  EXPECT_OK(store_.ReadOutcome(shared));
  EXPECT_STATUS(store_.ReadOutcome(own), kNotFound, own);
  EXPECT_OK(Get(user));
  EXPECT_STATUS(Commit(Claim(w1_, grant, 0)), kNotFound, "deleted");
  EXPECT_OK(Beat(w1_, {{grant.lease_id, 6, 6}})) << "the worker's lease outlives the sweep";
  EXPECT_OK(Release(w1_, grant.lease_id));
  Restart();
  EXPECT_STATUS(Get(id), kNotFound, id);
  EXPECT_OK(Create(SampleSpec(), 1, "r1")) << "its request id is free again";
}

TEST_F(CoreTest, DeleteAndSubmitAgainInOneStepKeepTheResults) {
  const std::string id = Submit(1, "r1");
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  for (size_t task = 0; task < 2; ++task) ASSERT_OK(Commit(Claim(w1_, grant, task)));
  Answered<std::string> deleted;
  Answered<SweepView> created;
  core_->DeleteSweep(id, deleted.reply());
  core_->CreateSweep("r1", SampleSpec(), testing::SamplePlan(1), created.reply());
  core_->Step();
  ASSERT_OK(deleted.get());
  ASSERT_OK(created.get());
  EXPECT_EQ(created.get()->counts.reused, 2);
  for (const Task& task : Tasks(created.get()->sweep->id)) EXPECT_OK(store_.ReadOutcome(task.reuse_key));
}

TEST_F(CoreTest, ResultsArePlannedForFinishedTasksOfTheDimensionsAsked) {
  const std::string id = Submit(2);
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  for (size_t task = 0; task < 2; ++task) ASSERT_OK(Commit(Claim(w1_, grant, task)));
  const auto plan = [&](const std::vector<std::string>& dimensions) {
    return Request<ResultPlan>(
        [&](Reply<ResultPlan> reply) { core_->PlanResults(id, dimensions, std::move(reply)); });
  };
  ASSERT_OK_AND_ASSIGN(const ResultPlan all, plan({}));
  ASSERT_EQ(all.entries.size(), 2u);
  EXPECT_OK(store_.ReadOutcome(all.entries[0].reuse_key));
  ASSERT_OK_AND_ASSIGN(const ResultPlan some, plan({"privacy"}));
  ASSERT_EQ(some.entries.size(), 1u);
  EXPECT_EQ(some.entries[0].dimension, 1);
  EXPECT_STATUS(plan({"privcy"}), kNotFound, "'privcy'");
}

}  // namespace
}  // namespace probesweep::server
