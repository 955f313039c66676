// The coordinator's memory: sweeps, tasks and what is looked up in them.
#ifndef PROBESWEEP_SERVER_SERVICE_STATE_H_
#define PROBESWEEP_SERVER_SERVICE_STATE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "server/domain/sweep.h"
#include "server/domain/task.h"
#include "server/service/commands.h"
#include "server/store/store.h"

namespace probesweep::server {

// One sweep with its tasks in planned order: checkpoint by checkpoint, dimension by dimension.
struct SweepEntry {
  std::shared_ptr<const Sweep> sweep;  // replaced, never changed: views share it
  std::vector<Task> tasks;
  TaskCounts counts;
  // Ready tasks: checkpoint → dimensions.
  std::map<int, std::set<int>> ready;
  absl::Time waiting_since;  // last grant, or creation; for ageing

  size_t TaskIndex(int checkpoint, int dimension) const {
    return static_cast<size_t>(checkpoint) * sweep->spec.dimensions.size() + static_cast<size_t>(dimension);
  }
  SweepView view() const { return {sweep, counts}; }
};

struct TaskRef {
  SweepEntry* sweep = nullptr;
  Task* task = nullptr;
};

// Not thread-safe. Tasks change through Change alone, which keeps every index right and remembers what must
// be stored. Pointers to entries and tasks stay valid until the sweep is removed.
class CoordinatorState {
 public:
  CoordinatorState(RetryPolicy retry_policy, Clock* clock) : retry_policy_(retry_policy), clock_(clock) {}

  // Forgets everything and takes over what the store holds.
  absl::Status Reset(StoredState stored);

  // Adds a new sweep with tasks in planned order.
  SweepEntry& Add(Sweep sweep, std::vector<Task> tasks);
  void Remove(const std::string& sweep_id);
  // Applies an event to a task. Errors: FAILED_PRECONDITION, as server/domain/task.h.
  absl::Status Change(TaskRef ref, const TaskEvent& happened);

  // Null when unknown.
  SweepEntry* FindSweep(const std::string& id);
  SweepEntry* FindRequest(const std::string& request_id);
  TaskRef FindTask(const std::string& id);
  // Tasks that are not terminal and would give the same numbers.
  std::vector<TaskRef> OpenTasksWithKey(const std::string& reuse_key);
  std::vector<TaskRef> OpenTasksOfCheckpoint(SweepEntry& sweep, int checkpoint);
  // Tasks whose wait for a retry is over.
  std::vector<TaskRef> DueRetries(absl::Time now);
  // InfiniteFuture when none waits.
  absl::Time NextRetry() const;

  // By order of creation.
  const std::map<int64_t, std::unique_ptr<SweepEntry>>& sweeps() const { return sweeps_; }
  const TaskCounts& counts() const { return counts_; }
  int64_t next_sequence() const { return sweeps_.empty() ? 1 : sweeps_.rbegin()->first + 1; }

  // What changed since the last call, to be stored; and the sweeps it concerns.
  ChangeSet TakeChanges(absl::flat_hash_set<std::string>& touched_sweeps);
  // The sweep counts as touched although nothing to be stored has changed (progress).
  void Touch(const std::string& sweep_id) { touched_.insert(sweep_id); }

 private:
  void Index(SweepEntry& entry, Task& task);
  void Unindex(SweepEntry& entry, Task& task);
  void UpdateEndTime(SweepEntry& entry);
  SweepEntry& Insert(Sweep sweep, std::vector<Task> tasks);

  const RetryPolicy retry_policy_;
  Clock* const clock_;
  std::map<int64_t, std::unique_ptr<SweepEntry>> sweeps_;  // by sequence
  absl::flat_hash_map<std::string, SweepEntry*> by_id_, by_request_;
  absl::flat_hash_map<std::string, TaskRef> tasks_;
  absl::flat_hash_map<std::string, absl::flat_hash_set<std::string>> open_by_key_;  // reuse key → task ids
  std::set<std::pair<absl::Time, std::string>> retries_;                            // not_before, task id
  TaskCounts counts_;

  absl::flat_hash_set<std::string> dirty_tasks_, dirty_sweeps_, touched_;
  std::vector<std::string> deleted_sweeps_;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_SERVICE_STATE_H_
