// The task: one (checkpoint, dimension) of a sweep, and the only function that changes its state.
//
//                         ┌────────────── LeaseLost, Released ──────────────┐
//                         ▼                                                 │
//   (new) ──────────▶ READY ──────────────── Leased ───────────────────▶ LEASED ── Committed ──▶ DONE
//                      ▲  │ └─ Reused ─▶ DONE                            │  │ │
//           RetryDue   │  │                                              │  │ └─ Failed (for good),
//                      │  │                   ┌── Failed (may pass) ─────┘  │    LeaseLost too often
//                 RETRY_WAIT ◀────────────────┘                             ▼
//                      │                                               QUARANTINED
//                      └─ Reused ─▶ DONE
//
//   READY, LEASED, RETRY_WAIT ── Cancelled ──▶ CANCELLED          ── Quarantined ──▶ QUARANTINED
//   QUARANTINED, CANCELLED ── OperatorRetry ──▶ READY (generation + 1)
//
// A leased task may have a second lease, a copy of the work for a worker that would idle:
//
//   LEASED ── Speculated ──▶ LEASED with a copy ── Committed by either ──▶ DONE
//                 LEASED with a copy ── LeaseLost, Released, Failed (may pass) of either ──▶ LEASED,
//                 uncounted
//
#ifndef PROBESWEEP_SERVER_DOMAIN_TASK_H_
#define PROBESWEEP_SERVER_DOMAIN_TASK_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace probesweep::server {

enum class TaskState { kReady, kLeased, kRetryWait, kDone, kQuarantined, kCancelled };
inline constexpr TaskState kAllTaskStates[] = {TaskState::kReady,       TaskState::kLeased,
                                               TaskState::kRetryWait,   TaskState::kDone,
                                               TaskState::kQuarantined, TaskState::kCancelled};

// Also the words that the store keeps: never renumber, never rename.
enum class FailureKind { kNone = 0, kTransient = 1, kPermanent = 2, kCheckpointCorrupt = 3, kLeaseLost = 4 };

// "ready", "leased", "retry_wait", …: for logs, metrics and the store.
const char* TaskStateName(TaskState state);
const char* FailureKindName(FailureKind kind);
absl::Status ParseTaskState(const std::string& name, TaskState& state);

constexpr bool IsTerminal(TaskState state) {
  return state == TaskState::kDone || state == TaskState::kQuarantined || state == TaskState::kCancelled;
}

// Fences what a worker says about a task.
struct TaskLease {
  std::string id;  // empty: there is none
  std::string worker_id;
  std::string incarnation;
  int64_t epoch = 0;
};

struct Task {
  std::string id;
  std::string sweep_id;
  int checkpoint = 0;  // index into the sweep's checkpoints
  int dimension = 0;   // index into the sweep's dimensions
  // Tasks with one key give the same numbers (scheduling/reuse_key.h).
  std::string reuse_key;

  TaskState state = TaskState::kReady;
  int64_t epoch = 0;    // leases given so far; fences commits
  int generation = 0;   // operator retries
  int failures = 0;     // transient ones of this generation
  int leases_lost = 0;  // of this generation
  // Distinct workers under which a lease was lost in this generation.
  std::vector<std::string> lost_by;
  FailureKind failure_kind = FailureKind::kNone;
  std::string error;
  absl::Time not_before = absl::InfinitePast();  // while RETRY_WAIT
  bool reused = false;
  // When DONE: content digest of the weights that its result was computed from; empty when not known.
  std::string checkpoint_digest;
  // The last lease; live only while LEASED, kept afterwards so that a repeated commit is known. When DONE by
  // a commit: the lease that committed.
  TaskLease lease;
  // A second lease of the same work. When DONE: the lease that came too late.
  TaskLease copy;
};

// The task's lease of that id, live or not; null when it has none.
const TaskLease* FindLease(const Task& task, const std::string& lease_id);

// Whether work under that lease is still wanted.
inline bool IsHeldUnder(const Task& task, const std::string& lease_id) {
  return task.state == TaskState::kLeased && FindLease(task, lease_id) != nullptr;
}

// Whether it may get a second lease: only once while its first one lives, so that work which kills its
// workers does not go through them two by two.
inline bool MayBeSpeculated(const Task& task) {
  return task.state == TaskState::kLeased && task.copy.id.empty() && task.epoch == task.lease.epoch;
}

// When failures and lost leases end a task.
struct RetryPolicy {
  int max_failures = 3;      // transient failures, the last one quarantines
  int max_leases_lost = 3;   // in all
  int max_workers_lost = 2;  // distinct workers that died over it: the task is probably the cause
};

namespace event {
struct Leased {
  std::string lease_id, worker_id, incarnation;
};
// A second lease, while the first one goes on.
struct Speculated {
  std::string lease_id, worker_id, incarnation;
};
struct LeaseLost {
  std::string lease_id;
  std::string why;  // for `error`, when it ends the task
};
struct Released {
  std::string lease_id;
};
// `checkpoint_digest`: of the weights that the result was computed from.
struct Committed {
  std::string lease_id;
  std::string checkpoint_digest;
};
struct Reused {
  std::string checkpoint_digest;
};
struct Failed {
  std::string lease_id;
  FailureKind kind = FailureKind::kTransient;
  std::string error;
  absl::Time retry_at;  // used when it may pass
};
// Its checkpoint was found corrupt while another dimension was probed.
struct Quarantined {
  FailureKind kind = FailureKind::kCheckpointCorrupt;
  std::string error;
};
struct RetryDue {};
struct Cancelled {};
struct OperatorRetry {};
}  // namespace event

using TaskEvent = std::variant<event::Leased, event::Speculated, event::LeaseLost, event::Released,
                               event::Committed, event::Reused, event::Failed, event::Quarantined,
                               event::RetryDue, event::Cancelled, event::OperatorRetry>;

// Applies `happened` to `task`, or refuses with FAILED_PRECONDITION and leaves the task as it was when the
// event is not possible in its state, or names a lease that the task is not under.
absl::Status Apply(const TaskEvent& happened, const RetryPolicy& policy, Task& task);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_DOMAIN_TASK_H_
