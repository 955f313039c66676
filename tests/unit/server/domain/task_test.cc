#include "server/domain/task.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

const RetryPolicy kPolicy;
const absl::Time kLater = absl::FromUnixSeconds(5000);

// A task in `state`, with every field set as the events that lead there leave it.
Task TaskIn(TaskState state) {
  Task task;
  task.id = "t";
  task.reuse_key = "k";
  task.state = state;
  task.epoch = 4;
  task.generation = 1;
  task.lease = {"lease", "w1", "i1", 4};
  if (state == TaskState::kRetryWait) {
    task.failures = 1;
    task.failure_kind = FailureKind::kTransient;
    task.error = "out of memory";
    task.not_before = kLater;
  }
  if (state == TaskState::kQuarantined) {
    task.failures = 3;
    task.leases_lost = 2;
    task.lost_by = {"w1"};
    task.failure_kind = FailureKind::kTransient;
    task.error = "out of memory";
  }
  return task;
}

// A task under a lease and its copy.
Task TaskInTwoHands() {
  Task task = TaskIn(TaskState::kLeased);
  task.copy = {"copy", "w2", "i2", 5};
  task.epoch = 5;
  return task;
}

bool Same(const TaskLease& a, const TaskLease& b) {
  return a.id == b.id && a.worker_id == b.worker_id && a.incarnation == b.incarnation && a.epoch == b.epoch;
}

bool Same(const Task& a, const Task& b) {
  return a.id == b.id && a.reuse_key == b.reuse_key && a.state == b.state && a.epoch == b.epoch &&
         a.generation == b.generation && a.failures == b.failures && a.leases_lost == b.leases_lost &&
         a.lost_by == b.lost_by && a.failure_kind == b.failure_kind && a.error == b.error &&
         a.not_before == b.not_before && a.reused == b.reused && a.checkpoint_digest == b.checkpoint_digest &&
         Same(a.lease, b.lease) && Same(a.copy, b.copy);
}

// The whole table: what each event makes of each state; absent: refused.
TEST(TaskTransitions, AreThoseOfTheDiagramAndNoOthers) {
  const auto ready = TaskState::kReady, leased = TaskState::kLeased, waits = TaskState::kRetryWait,
             done = TaskState::kDone, bad = TaskState::kQuarantined, gone = TaskState::kCancelled;
  const struct {
    const char* name;
    TaskEvent happened;
    std::map<TaskState, TaskState> allowed;
  } table[] = {
      {"Leased", event::Leased{"l2", "w2", "i2"}, {{ready, leased}}},
      {"Speculated", event::Speculated{"l2", "w2", "i2"}, {{leased, leased}}},
      {"Speculated for its own worker", event::Speculated{"l2", "w1", "i2"}, {}},
      {"LeaseLost", event::LeaseLost{"lease", "silent"}, {{leased, ready}}},
      {"LeaseLost of another", event::LeaseLost{"l0", "silent"}, {}},
      {"Released", event::Released{"lease"}, {{leased, ready}}},
      {"Released of another", event::Released{"l0"}, {}},
      {"Released of none", event::Released{""}, {}},
      {"Committed", event::Committed{"lease", "d"}, {{leased, done}}},
      {"Committed under another", event::Committed{"l0", "d"}, {}},
      {"Reused", event::Reused{}, {{ready, done}, {waits, done}}},
      {"Failed (may pass)", event::Failed{"lease", FailureKind::kTransient, "e", kLater}, {{leased, waits}}},
      {"Failed (permanent)", event::Failed{"lease", FailureKind::kPermanent, "e", kLater}, {{leased, bad}}},
      {"Failed (corrupt)",
       event::Failed{"lease", FailureKind::kCheckpointCorrupt, "e", kLater},
       {{leased, bad}}},
      {"Failed under another", event::Failed{"l0", FailureKind::kPermanent, "e", kLater}, {}},
      {"Quarantined", event::Quarantined{}, {{ready, bad}, {leased, bad}, {waits, bad}}},
      {"RetryDue", event::RetryDue{}, {{waits, ready}}},
      {"Cancelled", event::Cancelled{}, {{ready, gone}, {leased, gone}, {waits, gone}}},
      {"OperatorRetry", event::OperatorRetry{}, {{bad, ready}, {gone, ready}}},
  };
  for (const auto& row : table) {
    for (const TaskState from : kAllTaskStates) {
      SCOPED_TRACE(std::string(row.name) + " in " + TaskStateName(from));
      const Task before = TaskIn(from);
      Task task = before;
      const absl::Status status = Apply(row.happened, kPolicy, task);
      if (const auto to = row.allowed.find(from); to != row.allowed.end()) {
        EXPECT_OK(status);
        EXPECT_EQ(task.state, to->second);
      } else {
        EXPECT_STATUS(status, kFailedPrecondition, "task t is ", TaskStateName(from));
        EXPECT_TRUE(Same(task, before)) << "a refused event leaves the task as it was";
      }
    }
  }
}

TEST(TaskTransitions, ALeaseRaisesTheEpochAndNamesItsHolder) {
  Task task = TaskIn(TaskState::kReady);
  ASSERT_OK(Apply(event::Leased{"l2", "w2", "i2"}, kPolicy, task));
  EXPECT_EQ(task.epoch, 5);
  EXPECT_TRUE(Same(task.lease, {"l2", "w2", "i2", 5}));
}

TEST(TaskTransitions, AReleaseCountsNothingAndKeepsTheLastLease) {
  Task task = TaskIn(TaskState::kLeased);
  ASSERT_OK(Apply(event::Released{"lease"}, kPolicy, task));
  EXPECT_EQ(task.leases_lost, 0);
  EXPECT_EQ(task.failures, 0);
  EXPECT_EQ(task.epoch, 4);
  EXPECT_EQ(task.lease.id, "lease") << "so that a late commit is known to be stale";
}

TEST(TaskTransitions, FinishingClearsWhatWentWrongBefore) {
  Task waiting = TaskIn(TaskState::kRetryWait);
  ASSERT_OK(Apply(event::Reused{"d1"}, kPolicy, waiting));
  EXPECT_TRUE(waiting.reused);
  EXPECT_EQ(waiting.checkpoint_digest, "d1");
  EXPECT_EQ(waiting.failure_kind, FailureKind::kNone);
  EXPECT_EQ(waiting.error, "");
  EXPECT_EQ(waiting.not_before, absl::InfinitePast());

  Task leased = TaskIn(TaskState::kLeased);
  leased.error = "earlier";
  leased.failure_kind = FailureKind::kTransient;
  ASSERT_OK(Apply(event::Committed{"lease", "d2"}, kPolicy, leased));
  EXPECT_FALSE(leased.reused);
  EXPECT_EQ(leased.checkpoint_digest, "d2");
  EXPECT_EQ(leased.failure_kind, FailureKind::kNone);
  EXPECT_EQ(leased.error, "");
}

TEST(TaskTransitions, OnlyAWaitingTaskHasATimeToWaitFor) {
  for (const TaskEvent& happened :
       {TaskEvent(event::RetryDue{}), TaskEvent(event::Cancelled{}), TaskEvent(event::Quarantined{})}) {
    Task task = TaskIn(TaskState::kRetryWait);
    ASSERT_OK(Apply(happened, kPolicy, task));
    EXPECT_EQ(task.not_before, absl::InfinitePast());
  }
}

Task Lease(Task task, const std::string& worker) {
  EXPECT_OK(Apply(event::Leased{"l", worker, "i"}, kPolicy, task));
  return task;
}

TEST(TaskFailures, TheThirdTransientOneQuarantines) {
  Task task = TaskIn(TaskState::kReady);
  for (int failure = 1; failure <= 2; ++failure) {
    task = Lease(task, "w");
    ASSERT_OK(Apply(event::Failed{"l", FailureKind::kTransient, "no memory", kLater}, kPolicy, task));
    EXPECT_EQ(task.state, TaskState::kRetryWait);
    EXPECT_EQ(task.failures, failure);
    EXPECT_EQ(task.not_before, kLater);
    ASSERT_OK(Apply(event::RetryDue{}, kPolicy, task));
  }
  task = Lease(task, "w");
  ASSERT_OK(Apply(event::Failed{"l", FailureKind::kTransient, "no memory", kLater}, kPolicy, task));
  EXPECT_EQ(task.state, TaskState::kQuarantined);
  EXPECT_EQ(task.failures, 3);
  EXPECT_EQ(task.failure_kind, FailureKind::kTransient);
  EXPECT_EQ(task.error, "no memory");
}

TEST(TaskFailures, APermanentOneQuarantinesAtOnceAndCountsAsNoAttempt) {
  Task task = TaskIn(TaskState::kLeased);
  ASSERT_OK(Apply(event::Failed{"lease", FailureKind::kPermanent, "label 2", kLater}, kPolicy, task));
  EXPECT_EQ(task.state, TaskState::kQuarantined);
  EXPECT_EQ(task.failures, 0);
  EXPECT_EQ(task.failure_kind, FailureKind::kPermanent);
  EXPECT_EQ(task.error, "label 2");
}

TEST(TaskLeasesLost, TheThirdUnderOneWorkerQuarantines) {
  Task task = TaskIn(TaskState::kReady);
  for (int lost = 1; lost <= 2; ++lost) {
    task = Lease(task, "w");
    ASSERT_OK(Apply(event::LeaseLost{"l", "silent"}, kPolicy, task));
    EXPECT_EQ(task.state, TaskState::kReady);
    EXPECT_EQ(task.leases_lost, lost);
  }
  task = Lease(task, "w");
  ASSERT_OK(Apply(event::LeaseLost{"l", "silent"}, kPolicy, task));
  EXPECT_EQ(task.state, TaskState::kQuarantined);
  EXPECT_EQ(task.failure_kind, FailureKind::kLeaseLost);
  EXPECT_EQ(
      task.error,
      "its lease was lost 3 times under 1 worker, last: silent; see why the workers die (memory?), then "
      "retry the sweep");
}

TEST(TaskLeasesLost, ASecondWorkerQuarantinesAtOnce) {
  Task task = Lease(TaskIn(TaskState::kReady), "w1");
  ASSERT_OK(Apply(event::LeaseLost{"l", "silent"}, kPolicy, task));
  task = Lease(task, "w2");
  ASSERT_OK(Apply(event::LeaseLost{"l", "silent"}, kPolicy, task));
  EXPECT_EQ(task.state, TaskState::kQuarantined);
  EXPECT_EQ(task.lost_by, (std::vector<std::string>{"w1", "w2"}));
}

TEST(TaskLeasesLost, DoNotCountAsFailures) {
  Task task = TaskIn(TaskState::kReady);
  for (int i = 0; i < 2; ++i) {
    task = Lease(task, "w");
    ASSERT_OK(Apply(event::LeaseLost{"l", "silent"}, kPolicy, task));
  }
  task = Lease(task, "w");
  ASSERT_OK(Apply(event::Failed{"l", FailureKind::kTransient, "e", kLater}, kPolicy, task));
  EXPECT_EQ(task.state, TaskState::kRetryWait);
  EXPECT_EQ(task.failures, 1);
}

TEST(TaskCopies, GetAnEpochOfTheirOwnBesideThatOfTheFirstLease) {
  Task task = TaskIn(TaskState::kLeased);
  ASSERT_OK(Apply(event::Speculated{"copy", "w2", "i2"}, kPolicy, task));
  EXPECT_EQ(task.epoch, 5);
  EXPECT_TRUE(Same(task.lease, {"lease", "w1", "i1", 4}));
  EXPECT_TRUE(Same(task.copy, {"copy", "w2", "i2", 5}));
  EXPECT_TRUE(IsHeldUnder(task, "lease") && IsHeldUnder(task, "copy"));
  EXPECT_FALSE(IsHeldUnder(task, "")) << "an empty lease holds nothing";
  EXPECT_STATUS(Apply(event::Speculated{"third", "w3", "i3"}, kPolicy, task), kFailedPrecondition,
                "Speculated");
}

// What an event of one of two leases leaves: the other one, live, and nothing counted.
TEST(TaskCopies, LosingOneOfTwoLeasesCountsNothing) {
  for (const std::string lost : {"lease", "copy"}) {
    for (const TaskEvent& happened :
         {TaskEvent(event::LeaseLost{lost, "silent"}), TaskEvent(event::Released{lost}),
          TaskEvent(event::Failed{lost, FailureKind::kTransient, "no memory", kLater})}) {
      SCOPED_TRACE(lost + ", event " + std::to_string(happened.index()));
      Task task = TaskInTwoHands();
      ASSERT_OK(Apply(happened, kPolicy, task));
      EXPECT_EQ(task.state, TaskState::kLeased);
      EXPECT_EQ(task.failures, 0);
      EXPECT_EQ(task.leases_lost, 0);
      EXPECT_EQ(task.error, "");
      EXPECT_TRUE(Same(task.lease, lost == "lease" ? TaskLease{"copy", "w2", "i2", 5}
                                                   : TaskLease{"lease", "w1", "i1", 4}));
      EXPECT_TRUE(Same(task.copy, {}));
      EXPECT_FALSE(IsHeldUnder(task, lost));
      ASSERT_OK(Apply(event::LeaseLost{task.lease.id, "silent"}, kPolicy, task));
      EXPECT_EQ(task.state, TaskState::kReady);
      EXPECT_EQ(task.leases_lost, 1) << "the last one counts";
    }
  }
}

TEST(TaskCopies, AreGivenOnceForEachFirstLease) {
  Task task = TaskInTwoHands();
  ASSERT_OK(Apply(event::LeaseLost{"copy", "silent"}, kPolicy, task));
  EXPECT_FALSE(MayBeSpeculated(task)) << "else work that kills workers would kill two at a time";
  task = TaskInTwoHands();
  ASSERT_OK(Apply(event::LeaseLost{"lease", "silent"}, kPolicy, task));
  EXPECT_TRUE(MayBeSpeculated(task)) << "the copy is the first lease now";
}

TEST(TaskCopies, TheFirstCommitWinsAndTheOtherLeaseStaysKnown) {
  for (const std::string winner : {"lease", "copy"}) {
    Task task = TaskInTwoHands();
    ASSERT_OK(Apply(event::Committed{winner, "d"}, kPolicy, task));
    EXPECT_EQ(task.state, TaskState::kDone);
    EXPECT_EQ(task.lease.id, winner);
    EXPECT_EQ(task.copy.id, winner == "lease" ? "copy" : "lease");
    EXPECT_EQ(task.copy.epoch, winner == "lease" ? 5 : 4);
    EXPECT_STATUS(Apply(event::Committed{task.copy.id, "d"}, kPolicy, task), kFailedPrecondition, "done");
  }
}

TEST(TaskCopies, WhatIsWrongForGoodEndsBoth) {
  for (const TaskEvent& happened :
       {TaskEvent(event::Failed{"copy", FailureKind::kPermanent, "label 2", kLater}),
        TaskEvent(event::Quarantined{}), TaskEvent(event::Cancelled{})}) {
    Task task = TaskInTwoHands();
    ASSERT_OK(Apply(happened, kPolicy, task));
    EXPECT_TRUE(IsTerminal(task.state));
    EXPECT_FALSE(IsHeldUnder(task, "lease") || IsHeldUnder(task, "copy"));
    ASSERT_OK(Apply(event::OperatorRetry{}, kPolicy, task));
    ASSERT_OK(Apply(event::Leased{"l6", "w3", "i3"}, kPolicy, task));
    EXPECT_TRUE(Same(task.lease, {"l6", "w3", "i3", 6}));
    EXPECT_TRUE(Same(task.copy, {})) << "copies of another generation are no leases";
  }
}

TEST(TaskRetry, AnOperatorsStartsANewGenerationWithAClearRecord) {
  Task task = TaskIn(TaskState::kQuarantined);
  ASSERT_OK(Apply(event::OperatorRetry{}, kPolicy, task));
  EXPECT_EQ(task.generation, 2);
  EXPECT_EQ(task.epoch, 4) << "the epoch fences across generations";
  EXPECT_EQ(task.failures, 0);
  EXPECT_EQ(task.leases_lost, 0);
  EXPECT_TRUE(task.lost_by.empty());
  EXPECT_EQ(task.failure_kind, FailureKind::kNone);
  EXPECT_EQ(task.error, "");
}

TEST(TaskState, NamesReadBack) {
  for (const TaskState state : kAllTaskStates) {
    TaskState read = TaskState::kReady;
    EXPECT_OK(ParseTaskState(TaskStateName(state), read));
    EXPECT_EQ(read, state);
  }
  TaskState read = TaskState::kReady;
  EXPECT_STATUS(ParseTaskState("redy", read), kDataLoss, "'redy'");
}

TEST(TaskState, TerminalAreThoseThatOnlyAnOperatorLeaves) {
  EXPECT_TRUE(IsTerminal(TaskState::kDone));
  EXPECT_TRUE(IsTerminal(TaskState::kQuarantined));
  EXPECT_TRUE(IsTerminal(TaskState::kCancelled));
  EXPECT_FALSE(IsTerminal(TaskState::kReady));
  EXPECT_FALSE(IsTerminal(TaskState::kLeased));
  EXPECT_FALSE(IsTerminal(TaskState::kRetryWait));
}

}  // namespace
}  // namespace probesweep::server
