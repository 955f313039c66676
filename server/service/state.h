// The coordinator's memory: sweeps, tasks and what is looked up in them.
#ifndef PROBESWEEP_SERVER_SERVICE_STATE_H_
#define PROBESWEEP_SERVER_SERVICE_STATE_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
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
  // Checkpoints by their path, which no two of them share.
  std::vector<int> by_path;
  // As counted last.
  std::optional<SweepState> counted;

  size_t TaskIndex(int checkpoint, int dimension) const {
    return static_cast<size_t>(checkpoint) * sweep->spec.dimensions.size() + static_cast<size_t>(dimension);
  }
  SweepView view() const { return {sweep, counts}; }
  // Its checkpoint at that path, if it has ready tasks.
  std::optional<int> ReadyCheckpointAt(const std::string& path) const;
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
  SweepEntry* FindSweep(const std::string& id) const;
  SweepEntry* FindRequest(const std::string& request_id);
  TaskRef FindTask(const std::string& id) const;
  // Tasks that are not terminal and would give the same numbers.
  std::vector<TaskRef> OpenTasksWithKey(const std::string& reuse_key);
  std::vector<TaskRef> OpenTasksOfCheckpoint(SweepEntry& sweep, int checkpoint);
  // Tasks whose wait for a retry is over, or would be longer than any: the clock was set back meanwhile.
  std::vector<TaskRef> DueRetries(absl::Time now, absl::Duration longest_wait);
  // InfiniteFuture when none waits.
  absl::Time NextRetry() const;

  // By order of creation.
  const std::map<int64_t, std::unique_ptr<SweepEntry>>& sweeps() const { return sweeps_; }
  // Those with ready tasks, by order of creation.
  const std::map<int64_t, SweepEntry*>& ready_sweeps() const { return ready_sweeps_; }
  // Sweeps by SweepState.
  const std::array<int64_t, 4>& sweep_counts() const { return sweep_counts_; }
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
  void CountSweep(SweepEntry& entry);
  SweepEntry& Insert(Sweep sweep, std::vector<Task> tasks);

  const RetryPolicy retry_policy_;
  Clock* const clock_;
  std::map<int64_t, std::unique_ptr<SweepEntry>> sweeps_;  // by sequence
  absl::flat_hash_map<std::string, SweepEntry*> by_id_, by_request_;
  absl::flat_hash_map<std::string, TaskRef> tasks_;
  absl::flat_hash_map<std::string, absl::flat_hash_set<std::string>> open_by_key_;  // reuse key → task ids
  std::set<std::pair<absl::Time, std::string>> retries_;                            // not_before, task id
  std::map<int64_t, SweepEntry*> ready_sweeps_;                                     // by sequence
  TaskCounts counts_;
  std::array<int64_t, 4> sweep_counts_{};

  absl::flat_hash_set<std::string> dirty_tasks_, dirty_sweeps_, touched_;
  std::vector<std::string> deleted_sweeps_;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_SERVICE_STATE_H_
