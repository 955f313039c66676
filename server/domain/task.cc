#include "server/domain/task.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace probesweep::server {
namespace {

const char* EventName(const TaskEvent& happened) {
  static constexpr const char* kNames[] = {"Leased",    "Speculated", "LeaseLost",    "Released",
                                           "Committed", "Reused",     "Failed",       "Quarantined",
                                           "RetryDue",  "Cancelled",  "OperatorRetry"};
  return kNames[happened.index()];
}

void Quarantine(FailureKind kind, const std::string& error, Task& task) {
  task.state = TaskState::kQuarantined;
  task.not_before = absl::InfinitePast();
  task.failure_kind = kind;
  task.error = error;
}

// Drops one of two live leases; false when the task is under one only.
bool DropOneOfTwo(const std::string& lease_id, Task& task) {
  if (task.copy.id.empty()) return false;
  if (task.lease.id == lease_id) task.lease = std::move(task.copy);
  task.copy = TaskLease();
  return true;
}

void CountLostLease(const std::string& why, const RetryPolicy& policy, Task& task) {
  ++task.leases_lost;
  if (std::find(task.lost_by.begin(), task.lost_by.end(), task.lease.worker_id) == task.lost_by.end()) {
    task.lost_by.push_back(task.lease.worker_id);
  }
  const int workers = static_cast<int>(task.lost_by.size());
  if (task.leases_lost < policy.max_leases_lost && workers < policy.max_workers_lost) {
    task.state = TaskState::kReady;
    return;
  }
  Quarantine(FailureKind::kLeaseLost,
             absl::StrCat("its lease was lost ", task.leases_lost, " times under ", workers,
                          workers == 1 ? " worker" : " workers", ", last: ", why,
                          "; see why the workers die (memory?), then retry the sweep"),
             task);
}

// One function per event: true when the event was possible and has been applied.
struct Transition {
  const RetryPolicy& policy;
  Task& task;

  bool operator()(const event::Leased& e) const {
    if (task.state != TaskState::kReady) return false;
    task.state = TaskState::kLeased;
    task.lease = {e.lease_id, e.worker_id, e.incarnation, ++task.epoch};
    task.copy = TaskLease();
    return true;
  }

  bool operator()(const event::Speculated& e) const {
    if (!MayBeSpeculated(task) || e.worker_id == task.lease.worker_id) return false;
    task.copy = {e.lease_id, e.worker_id, e.incarnation, ++task.epoch};
    return true;
  }

  bool operator()(const event::LeaseLost& e) const {
    if (!IsHeldUnder(task, e.lease_id)) return false;
    if (!DropOneOfTwo(e.lease_id, task)) CountLostLease(e.why, policy, task);
    return true;
  }

  bool operator()(const event::Released& e) const {
    if (!IsHeldUnder(task, e.lease_id)) return false;
    if (!DropOneOfTwo(e.lease_id, task)) task.state = TaskState::kReady;
    return true;
  }

  bool operator()(const event::Committed& e) const {
    if (!IsHeldUnder(task, e.lease_id)) return false;
    if (task.copy.id == e.lease_id) std::swap(task.lease, task.copy);
    Finish(/*reused=*/false, e.checkpoint_digest);
    return true;
  }

  bool operator()(const event::Reused& e) const {
    if (task.state != TaskState::kReady && task.state != TaskState::kRetryWait) return false;
    Finish(/*reused=*/true, e.checkpoint_digest);
    return true;
  }

  bool operator()(const event::Failed& e) const {
    if (!IsHeldUnder(task, e.lease_id)) return false;
    if (e.kind == FailureKind::kTransient) {
      if (DropOneOfTwo(e.lease_id, task)) return true;
      if (++task.failures < policy.max_failures) {
        task.state = TaskState::kRetryWait;
        task.not_before = e.retry_at;
        task.failure_kind = e.kind;
        task.error = e.error;
        return true;
      }
    }
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

const TaskLease* FindLease(const Task& task, const std::string& lease_id) {
  if (lease_id.empty()) return nullptr;
  if (task.lease.id == lease_id) return &task.lease;
  return task.copy.id == lease_id ? &task.copy : nullptr;
}

absl::Status Apply(const TaskEvent& happened, const RetryPolicy& policy, Task& task) {
  if (std::visit(Transition{policy, task}, happened)) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("task ", task.id, " is ", TaskStateName(task.state), ": ",
                                                    EventName(happened), " is not possible"));
}

}  // namespace probesweep::server
