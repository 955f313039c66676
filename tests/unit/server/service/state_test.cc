#include "server/service/state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/support/fake_clock.h"
#include "tests/support/sample_sweeps.h"
#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class StateTest : public ::testing::Test {
 protected:
  // A sweep of `checkpoints` × {truth, privacy}; the reuse key of a task is "<checkpoint>.<dimension>".
  SweepEntry& Add(const std::string& id, int checkpoints) {
    Sweep sweep;
    sweep.id = id;
    sweep.sequence = state_.next_sequence();
    sweep.request_id = "request-" + id;
    sweep.spec = testing::SampleSpec();
    sweep.checkpoints = testing::SamplePlan(checkpoints).checkpoints;
    std::vector<Task> tasks;
    for (int c = 0; c < checkpoints; ++c) {
      for (int d = 0; d < 2; ++d) {
        Task task;
        task.id = absl::StrCat(id, "-", c, d);
        task.sweep_id = id;
        task.checkpoint = c;
        task.dimension = d;
        task.reuse_key = absl::StrCat(c, ".", d);
        tasks.push_back(std::move(task));
      }
    }
    return state_.Add(std::move(sweep), std::move(tasks));
  }

  absl::Status Change(const std::string& task, const TaskEvent& happened) {
    return state_.Change(state_.FindTask(task), happened);
  }

  ChangeSet Take() {
    touched_.clear();
    return state_.TakeChanges(touched_);
  }

  static std::vector<std::string> Ids(const std::vector<TaskRef>& refs) {
    std::vector<std::string> ids;
    for (const TaskRef& ref : refs) ids.push_back(ref.task->id);
    return ids;
  }

  testing::ManualClock clock_;
  CoordinatorState state_{RetryPolicy(), &clock_};
  absl::flat_hash_set<std::string> touched_;
};

TEST_F(StateTest, CountsAndReadyTasksFollowEveryChange) {
  SweepEntry& entry = Add("s", 2);
  EXPECT_EQ(entry.ready.at(0), (std::set<int>{0, 1}));
  ASSERT_OK(Change("s-00", event::Leased{"l", "w", "i"}));
  EXPECT_EQ(entry.ready.at(0), std::set<int>{1});
  ASSERT_OK(Change("s-01", event::Cancelled{}));
  EXPECT_EQ(entry.ready.count(0), 0u);
  ASSERT_OK(Change("s-00", event::Committed{"l", "d"}));
  ASSERT_OK(Change("s-10", event::Reused{}));
  EXPECT_EQ(entry.counts[TaskState::kDone], 2);
  EXPECT_EQ(entry.counts.reused, 1);
  EXPECT_EQ(entry.counts[TaskState::kCancelled], 1);
  EXPECT_EQ(entry.counts[TaskState::kReady], 1);
  EXPECT_EQ(state_.counts().by_state, entry.counts.by_state);
}

TEST_F(StateTest, SweepsAreCountedByStateAndListedWhileTheyHaveReadyTasks) {
  const auto count = [&](SweepState state) { return state_.sweep_counts()[static_cast<size_t>(state)]; };
  Add("s", 1);
  Add("t", 1);
  EXPECT_EQ(count(SweepState::kRunning), 2);
  EXPECT_EQ(state_.ready_sweeps().size(), 2u);
  for (const char* task : {"s-00", "s-01"}) ASSERT_OK(Change(task, event::Leased{"l", "w", "i"}));
  ASSERT_EQ(state_.ready_sweeps().size(), 1u);
  EXPECT_EQ(state_.ready_sweeps().begin()->second->sweep->id, "t");
  for (const char* task : {"s-00", "s-01"}) ASSERT_OK(Change(task, event::Committed{"l", "d"}));
  EXPECT_EQ(count(SweepState::kRunning), 1);
  EXPECT_EQ(count(SweepState::kSucceeded), 1);
  state_.Remove("s");
  EXPECT_EQ(count(SweepState::kSucceeded), 0);
  state_.Remove("t");
  EXPECT_TRUE(state_.ready_sweeps().empty());
}

TEST_F(StateTest, AReadyCheckpointIsFoundByItsPath) {
  SweepEntry& entry = Add("s", 12);
  EXPECT_EQ(entry.ReadyCheckpointAt("/models/step10"), 10);
  EXPECT_EQ(entry.ReadyCheckpointAt("/models/step2"), 2) << "which sorts after step10";
  EXPECT_EQ(entry.ReadyCheckpointAt("/models/step12"), std::nullopt);
  EXPECT_EQ(entry.ReadyCheckpointAt("/models/step"), std::nullopt);
  for (const char* task : {"s-20", "s-21"}) ASSERT_OK(Change(task, event::Leased{"l", "w", "i"}));
  EXPECT_EQ(entry.ReadyCheckpointAt("/models/step2"), std::nullopt);
}

TEST_F(StateTest, ARefusedChangeChangesNothing) {
  Add("s", 1);
  Take();
  EXPECT_STATUS(Change("s-00", event::Committed{"l", "d"}), kFailedPrecondition, "s-00");
  EXPECT_TRUE(Take().empty());
  EXPECT_EQ(state_.counts()[TaskState::kReady], 2);
}

TEST_F(StateTest, ChangesAreTakenOnceInOneOrder) {
  Add("b", 1);
  Add("a", 1);
  const ChangeSet all = Take();
  ASSERT_EQ(all.sweeps.size(), 2u);
  EXPECT_EQ(all.sweeps[0].id, "b") << "by sequence";
  std::vector<std::string> ids;
  for (const Task& task : all.tasks) ids.push_back(task.id);
  EXPECT_THAT(ids, ElementsAre("a-00", "a-01", "b-00", "b-01"));
  EXPECT_THAT(touched_, UnorderedElementsAre("a", "b"));
  EXPECT_TRUE(Take().empty());
  ASSERT_OK(Change("a-00", event::Leased{"l", "w", "i"}));
  const ChangeSet some = Take();
  ASSERT_EQ(some.tasks.size(), 1u);
  EXPECT_EQ(some.tasks[0].state, TaskState::kLeased);
  EXPECT_THAT(some.sweeps, IsEmpty()) << "the sweep itself did not change";
  EXPECT_THAT(touched_, UnorderedElementsAre("a"));
}

TEST_F(StateTest, TheEndTimeComesWithTheLastTaskAndGoesWithARetry) {
  SweepEntry& entry = Add("s", 1);
  const std::shared_ptr<const Sweep> early = entry.sweep;
  Take();
  ASSERT_OK(Change("s-00", event::Cancelled{}));
  EXPECT_FALSE(entry.sweep->end_time.has_value());
  clock_.Advance(absl::Seconds(5));
  ASSERT_OK(Change("s-01", event::Cancelled{}));
  EXPECT_EQ(entry.sweep->end_time, clock_.Now());
  EXPECT_FALSE(early->end_time.has_value()) << "views taken before do not change";
  EXPECT_EQ(Take().sweeps.size(), 1u);
  ASSERT_OK(Change("s-00", event::OperatorRetry{}));
  EXPECT_FALSE(entry.sweep->end_time.has_value());
  EXPECT_EQ(Take().sweeps.size(), 1u);
}

TEST_F(StateTest, OpenTasksAreFoundByTheirKeyAcrossSweeps) {
  Add("a", 1);
  Add("b", 2);
  EXPECT_THAT(Ids(state_.OpenTasksWithKey("0.1")), ElementsAre("a-01", "b-01"));
  ASSERT_OK(Change("a-01", event::Cancelled{}));
  EXPECT_THAT(Ids(state_.OpenTasksWithKey("0.1")), ElementsAre("b-01"));
  ASSERT_OK(Change("b-01", event::Leased{"l", "w", "i"}));
  EXPECT_THAT(Ids(state_.OpenTasksWithKey("0.1")), ElementsAre("b-01"));
  ASSERT_OK(Change("b-01", event::Committed{"l", "d"}));
  EXPECT_THAT(state_.OpenTasksWithKey("0.1"), IsEmpty());
  EXPECT_THAT(state_.OpenTasksWithKey("none"), IsEmpty());
}

TEST_F(StateTest, OpenTasksOfACheckpointAreItsOwn) {
  SweepEntry& entry = Add("s", 2);
  ASSERT_OK(Change("s-10", event::Reused{}));
  EXPECT_THAT(Ids(state_.OpenTasksOfCheckpoint(entry, 1)), ElementsAre("s-11"));
  EXPECT_THAT(Ids(state_.OpenTasksOfCheckpoint(entry, 0)), ElementsAre("s-00", "s-01"));
}

TEST_F(StateTest, RetriesComeDueInTheirOrder) {
  Add("s", 1);
  EXPECT_EQ(state_.NextRetry(), absl::InfiniteFuture());
  const absl::Time soon = clock_.Now() + absl::Seconds(5), later = clock_.Now() + absl::Seconds(9);
  for (const auto& [task, at] : {std::pair("s-00", later), std::pair("s-01", soon)}) {
    ASSERT_OK(Change(task, event::Leased{"l", "w", "i"}));
    ASSERT_OK(Change(task, event::Failed{"l", FailureKind::kTransient, "e", at}));
  }
  EXPECT_EQ(state_.NextRetry(), soon);
  const absl::Duration longest = absl::Seconds(30);
  EXPECT_THAT(state_.DueRetries(soon - absl::Nanoseconds(1), longest), IsEmpty());
  EXPECT_THAT(Ids(state_.DueRetries(soon, longest)), ElementsAre("s-01"));
  EXPECT_THAT(Ids(state_.DueRetries(later, longest)), ElementsAre("s-01", "s-00"));
  EXPECT_THAT(Ids(state_.DueRetries(later - longest - absl::Seconds(1), longest)), ElementsAre("s-00"))
      << "the clock was set back: nothing waits for longer than the longest wait";
  ASSERT_OK(Change("s-01", event::Cancelled{}));
  EXPECT_EQ(state_.NextRetry(), later) << "a cancelled task waits no more";
}

TEST_F(StateTest, ARemovedSweepLeavesNoTrace) {
  Add("a", 1);
  Add("b", 1);
  Take();
  ASSERT_OK(Change("a-00", event::Leased{"l", "w", "i"}));
  state_.Remove("a");
  const ChangeSet changes = Take();
  EXPECT_THAT(changes.deleted_sweeps, ElementsAre("a"));
  EXPECT_THAT(changes.tasks, IsEmpty());
  EXPECT_EQ(state_.FindSweep("a"), nullptr);
  EXPECT_EQ(state_.FindRequest("request-a"), nullptr);
  EXPECT_EQ(state_.FindTask("a-00").task, nullptr);
  EXPECT_THAT(Ids(state_.OpenTasksWithKey("0.0")), ElementsAre("b-00"));
  EXPECT_EQ(state_.counts().total(), 2);
}

TEST_F(StateTest, ResetForgetsAndTakesOver) {
  Add("old", 1);
  StoredState stored;
  stored.sweeps.resize(1);
  stored.sweeps[0].id = "s";
  stored.sweeps[0].sequence = 41;
  stored.sweeps[0].spec = testing::SampleSpec();
  stored.sweeps[0].checkpoints = testing::SamplePlan(1).checkpoints;
  for (int d = 0; d < 2; ++d) {
    Task task;
    task.id = absl::StrCat("s-0", d);
    task.sweep_id = "s";
    task.dimension = d;
    stored.tasks.push_back(task);
  }
  ASSERT_OK(state_.Reset(stored));
  EXPECT_EQ(state_.FindSweep("old"), nullptr);
  ASSERT_NE(state_.FindSweep("s"), nullptr);
  EXPECT_EQ(state_.counts().total(), 2);
  EXPECT_EQ(state_.next_sequence(), 42);
  EXPECT_TRUE(Take().empty()) << "what comes from the store need not go there";
  EXPECT_TRUE(touched_.contains("s")) << "watchers look again";
  stored.tasks.pop_back();
  EXPECT_STATUS(state_.Reset(stored), kDataLoss, "sweep s has 1 tasks");
}

}  // namespace
}  // namespace probesweep::server
