#include "tests/simulation/ledger.h"

#include "absl/strings/str_cat.h"

namespace probesweep::simulation {

using server::Task;
using server::TaskState;

double Fingerprint(const server::Outcome& outcome) { return outcome.rows.front().values.at("accuracy"); }

void Ledger::OnDurable(const server::ChangeSet& changes) {
  for (const std::string& sweep : changes.deleted_sweeps) Forget(sweep);
  for (const auto& [key, outcome] : changes.outcomes) results_.emplace(key, Fingerprint(outcome));
  for (const Task& task : changes.tasks) CheckTask(task);
  // An outcome goes with the last task that refers to it.
  if (changes.deleted_sweeps.empty()) return;
  std::set<std::string> referred;
  for (const auto& [id, task] : tasks_) referred.insert(task.reuse_key);
  for (auto result = results_.begin(); result != results_.end();) {
    result = referred.count(result->first) > 0 ? std::next(result) : results_.erase(result);
  }
}

void Ledger::CheckTask(const Task& task) {
  const auto known = tasks_.find(task.id);
  if (known != tasks_.end()) {
    const Task& before = known->second;
    const auto complain = [&](const char* what) {
      Violation(absl::StrCat("task ", task.id, ": ", what, "; was ", TaskStateName(before.state),
                             " at epoch ", before.epoch, ", generation ", before.generation, ", is ",
                             TaskStateName(task.state), " at epoch ", task.epoch, ", generation ",
                             task.generation));
    };
    if (task.epoch < before.epoch) complain("its epoch fell");
    if (task.generation < before.generation) complain("its generation fell");
    if (before.state == TaskState::kDone && task.state != TaskState::kDone) complain("its result was lost");
    const bool ended = before.state == TaskState::kQuarantined || before.state == TaskState::kCancelled;
    if (ended && task.state != before.state && task.generation == before.generation)
      complain("it left its end");
    if (task.state == TaskState::kDone && before.state != TaskState::kDone) {
      if (!task.reused) done_from_[task.id] = before;
      if (!task.reused && before.state != TaskState::kLeased) complain("it was done under no lease");
    }
  }
  if (task.state == TaskState::kDone && results_.count(task.reuse_key) == 0) {
    Violation(absl::StrCat("task ", task.id, " is done without a result"));
  }
  tasks_[task.id] = task;
}

void Ledger::Forget(const std::string& sweep) {
  for (auto task = tasks_.begin(); task != tasks_.end();) {
    task = task->second.sweep_id == sweep ? tasks_.erase(task) : std::next(task);
  }
}

void Ledger::OnAccepted(const server::TaskClaim& claim) {
  ++accepted_count_;
  if (!accepted_.insert(claim.task_id).second) {
    Violation(absl::StrCat("task ", claim.task_id, ": a second result was accepted"));
  }
  const auto done = done_from_.find(claim.task_id);
  if (done == done_from_.end()) {
    return Violation(absl::StrCat("task ", claim.task_id, ": a result was acknowledged that is not stored"));
  }
  const Task& before = done->second;
  const server::TaskLease* held = server::FindLease(before, claim.lease_id);
  if (held == nullptr || held->epoch != claim.epoch || held->worker_id != claim.worker.id ||
      held->incarnation != claim.worker.incarnation) {
    Violation(absl::StrCat("task ", claim.task_id, ": accepted from ", claim.worker.id, " under lease ",
                           claim.lease_id, ", epoch ", claim.epoch, "; it was leased to ",
                           before.lease.worker_id, " under ", before.lease.id, ", epoch ",
                           before.lease.epoch));
  }
}

void Ledger::OnAcknowledged(const std::string& task_id) {
  const auto task = tasks_.find(task_id);
  if (task != tasks_.end() && task->second.state != TaskState::kDone) {
    Violation(absl::StrCat("task ", task_id, ": its worker was told that it is done, but it is ",
                           TaskStateName(task->second.state)));
  }
}

void Ledger::Close(server::Store& store, bool ended) {
  if (!ended) Violation("the world did not come to its end");
  const absl::StatusOr<server::StoredState> stored = store.Load();
  if (!stored.ok()) return Violation(absl::StrCat("the store cannot be read: ", stored.status().message()));
  if (stored->tasks.size() != tasks_.size()) Violation("tasks were lost or made up");
  for (const Task& task : stored->tasks) {
    const auto known = tasks_.find(task.id);
    if (known == tasks_.end() || known->second.state != task.state || known->second.epoch != task.epoch) {
      Violation(absl::StrCat("task ", task.id, " is not stored as it was acknowledged"));
    }
    if (ended && !IsTerminal(task.state)) Violation(absl::StrCat("task ", task.id, " never ended"));
    if (task.state != TaskState::kDone) continue;
    const absl::StatusOr<server::Outcome> outcome = store.ReadOutcome(task.reuse_key);
    const auto result = results_.find(task.reuse_key);
    if (!outcome.ok() || result == results_.end() || Fingerprint(*outcome) != result->second) {
      Violation(absl::StrCat("task ", task.id, ": its result is not the one that was acknowledged"));
    }
  }
}

}  // namespace probesweep::simulation
