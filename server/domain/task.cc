#include "server/domain/task.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace probesweep::server {
namespace {

const char* EventName(const TaskEvent& happened) {
  static constexpr const char* kNames[] = {"Leased", "LeaseLost",   "Released", "Committed", "Reused",
                                           "Failed", "Quarantined", "RetryDue", "Cancelled", "OperatorRetry"};
  return kNames[happened.index()];
}

void Quarantine(FailureKind kind, const std::string& error, Task& task) {
  task.state = TaskState::kQuarantined;
  task.not_before = absl::InfinitePast();
  task.failure_kind = kind;
  task.error = error;
}

// One function per event: true when the event was possible and has been applied.
struct Transition {
  const RetryPolicy& policy;
  Task& task;

  bool operator()(const event::Leased& e) const {
    if (task.state != TaskState::kReady) return false;
    task.state = TaskState::kLeased;
    ++task.epoch;
    task.lease_id = e.lease_id;
    task.worker_id = e.worker_id;
    task.incarnation = e.incarnation;
    return true;
  }

  bool operator()(const event::LeaseLost& e) const {
    if (task.state != TaskState::kLeased) return false;
    ++task.leases_lost;
    if (std::find(task.lost_by.begin(), task.lost_by.end(), task.worker_id) == task.lost_by.end()) {
      task.lost_by.push_back(task.worker_id);
    }
    const int workers = static_cast<int>(task.lost_by.size());
    if (task.leases_lost >= policy.max_leases_lost || workers >= policy.max_workers_lost) {
      Quarantine(FailureKind::kLeaseLost,
                 absl::StrCat("its lease was lost ", task.leases_lost, " times under ", workers,
                              workers == 1 ? " worker" : " workers", ", last: ", e.why,
                              "; see why the workers die (memory?), then retry the sweep"),
                 task);
    } else {
      task.state = TaskState::kReady;
    }
    return true;
  }

  bool operator()(const event::Released&) const {
    if (task.state != TaskState::kLeased) return false;
    task.state = TaskState::kReady;
    return true;
  }

  bool operator()(const event::Committed& e) const {
    if (task.state != TaskState::kLeased) return false;
    Finish(/*reused=*/false, e.checkpoint_digest);
    return true;
  }

  bool operator()(const event::Reused& e) const {
    if (task.state != TaskState::kReady && task.state != TaskState::kRetryWait) return false;
    Finish(/*reused=*/true, e.checkpoint_digest);
    return true;
  }

  bool operator()(const event::Failed& e) const {
    if (task.state != TaskState::kLeased) return false;
    if (e.kind == FailureKind::kTransient && task.failures + 1 < policy.max_failures) {
      ++task.failures;
      task.state = TaskState::kRetryWait;
      task.not_before = e.retry_at;
      task.failure_kind = e.kind;
      task.error = e.error;
      return true;
    }
    if (e.kind == FailureKind::kTransient) ++task.failures;
    Quarantine(e.kind, e.error, task);
    return true;
  }

  bool operator()(const event::Quarantined& e) const {
    if (IsTerminal(task.state)) return false;
    Quarantine(e.kind, e.error, task);
    return true;
  }

  bool operator()(const event::RetryDue&) const {
    if (task.state != TaskState::kRetryWait) return false;
    task.state = TaskState::kReady;
    task.not_before = absl::InfinitePast();
    return true;
  }

  bool operator()(const event::Cancelled&) const {
    if (IsTerminal(task.state)) return false;
    task.state = TaskState::kCancelled;
    task.not_before = absl::InfinitePast();
    return true;
  }

  bool operator()(const event::OperatorRetry&) const {
    if (task.state != TaskState::kQuarantined && task.state != TaskState::kCancelled) return false;
    task.state = TaskState::kReady;
    ++task.generation;
    task.failures = 0;
    task.leases_lost = 0;
    task.lost_by.clear();
    task.failure_kind = FailureKind::kNone;
    task.error.clear();
    task.not_before = absl::InfinitePast();
    return true;
  }

  void Finish(bool reused, const std::string& checkpoint_digest) const {
    task.state = TaskState::kDone;
    task.reused = reused;
    task.checkpoint_digest = checkpoint_digest;
    task.failure_kind = FailureKind::kNone;
    task.error.clear();
    task.not_before = absl::InfinitePast();
  }
};

}  // namespace

const char* TaskStateName(TaskState state) {
  switch (state) {
    case TaskState::kReady:
      return "ready";
    case TaskState::kLeased:
      return "leased";
    case TaskState::kRetryWait:
      return "retry_wait";
    case TaskState::kDone:
      return "done";
    case TaskState::kQuarantined:
      return "quarantined";
    case TaskState::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

const char* FailureKindName(FailureKind kind) {
  switch (kind) {
    case FailureKind::kNone:
      return "none";
    case FailureKind::kTransient:
      return "transient";
    case FailureKind::kPermanent:
      return "permanent";
    case FailureKind::kCheckpointCorrupt:
      return "checkpoint_corrupt";
    case FailureKind::kLeaseLost:
      return "lease_lost";
  }
  return "unknown";
}

absl::Status ParseTaskState(const std::string& name, TaskState& state) {
  for (const TaskState candidate : kAllTaskStates) {
    if (name == TaskStateName(candidate)) {
      state = candidate;
      return absl::OkStatus();
    }
  }
  return absl::DataLossError(absl::StrCat("'", name, "' is no task state"));
}

absl::Status Apply(const TaskEvent& happened, const RetryPolicy& policy, Task& task) {
  if (std::visit(Transition{policy, task}, happened)) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("task ", task.id, " is ", TaskStateName(task.state), ": ",
                                                    EventName(happened), " is not possible"));
}

}  // namespace probesweep::server
