// A store in memory that can be told to fail.
#ifndef PROBESWEEP_TESTS_SUPPORT_MEMORY_STORE_H_
#define PROBESWEEP_TESTS_SUPPORT_MEMORY_STORE_H_

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/status.h"
#include "server/store/store.h"

namespace probesweep::testing {

// Passes the contract suite of tests/contract/store. Outlives the coordinators that a test starts on it.
// Thread-safe but for the failures and counts, which are the test's own thread's.
class MemoryStore : public server::Store {
 public:
  // Every call, or every commit, answers with this until it is OK again.
  absl::Status failure, commit_failure;
  // Change sets that were kept, and attempts to load.
  int commits = 0, loads = 0;

  absl::StatusOr<server::StoredState> Load() override {
    ++loads;
    PS_RETURN_IF_ERROR(failure);
    absl::MutexLock lock(&mutex_);
    server::StoredState state;
    for (const auto& [sequence, id] : order_) state.sweeps.push_back(sweeps_.at(id));
    std::map<std::tuple<std::string, int, int>, server::Task> sorted;
    for (const auto& [id, task] : tasks_) sorted[{task.sweep_id, task.checkpoint, task.dimension}] = task;
    for (auto& [position, task] : sorted) {
      const auto found = outcomes_.find(task.reuse_key);
      const bool has_result = task.state == server::TaskState::kDone && found != outcomes_.end();
      task.checkpoint_digest = has_result ? found->second.checkpoint_digest : "";
    }
    for (const auto& [position, task] : sorted) state.tasks.push_back(task);
    for (const auto& [id, worker] : workers_) state.workers.push_back(worker);
    return state;
  }

  absl::Status Commit(const server::ChangeSet& changes) override {
    PS_RETURN_IF_ERROR(failure);
    absl::MutexLock lock(&mutex_);
    PS_RETURN_IF_ERROR(commit_failure);
    PS_RETURN_IF_ERROR(CheckSweepsOfTasks(changes));
    ++commits;
    std::set<std::string> orphans;
    for (const std::string& id : changes.deleted_sweeps) Delete(id, orphans);
    for (const server::Sweep& sweep : changes.sweeps) {
      sweeps_[sweep.id] = sweep;
      order_[sweep.sequence] = sweep.id;
    }
    for (const auto& [key, outcome] : changes.outcomes) outcomes_.emplace(key, outcome);
    for (const server::Task& task : changes.tasks) tasks_[task.id] = task;
    for (const server::Worker& worker : changes.workers) workers_[worker.id] = worker;
    for (const std::string& id : changes.forgotten_workers) workers_.erase(id);
    // Every task is looked at only when a sweep was deleted.
    if (orphans.empty()) return absl::OkStatus();
    for (const auto& [id, task] : tasks_) orphans.erase(task.reuse_key);
    for (const std::string& key : orphans) outcomes_.erase(key);
    return absl::OkStatus();
  }

  absl::Status CheckWritable() override {
    PS_RETURN_IF_ERROR(failure);
    return commit_failure;
  }

  absl::StatusOr<std::map<std::string, std::string>> ExistingOutcomes(
      const std::vector<std::string>& keys) override {
    PS_RETURN_IF_ERROR(failure);
    absl::MutexLock lock(&mutex_);
    std::map<std::string, std::string> existing;
    for (const std::string& key : keys) {
      const auto found = outcomes_.find(key);
      if (found != outcomes_.end()) existing.emplace(key, found->second.checkpoint_digest);
    }
    return existing;
  }

  absl::StatusOr<server::Outcome> ReadOutcome(const std::string& key) override {
    PS_RETURN_IF_ERROR(failure);
    absl::MutexLock lock(&mutex_);
    const auto found = outcomes_.find(key);
    if (found == outcomes_.end()) return absl::NotFoundError(absl::StrCat("no outcome under ", key));
    return found->second;
  }

  // One page for the datasets of each sweep, then one for the artifacts of each outcome.
  absl::StatusOr<std::vector<std::string>> ReferencedBlobs(server::BlobCursor& cursor) override {
    PS_RETURN_IF_ERROR(failure);
    absl::MutexLock lock(&mutex_);
    std::vector<std::string> digests;
    if (const auto next = order_.upper_bound(cursor.sweep_sequence); next != order_.end()) {
      cursor.sweep_sequence = next->first;
      for (const server::Dimension& dimension : sweeps_.at(next->second).spec.dimensions) {
        digests.push_back(dimension.dataset_digest);
      }
      return digests;
    }
    for (auto next = outcomes_.upper_bound(cursor.outcome_key); next != outcomes_.end(); ++next) {
      cursor.outcome_key = next->first;
      for (const server::ArtifactRef& artifact : next->second.artifacts) digests.push_back(artifact.digest);
      if (!digests.empty()) return digests;
    }
    return digests;
  }

 private:
  absl::Status CheckSweepsOfTasks(const server::ChangeSet& changes) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    std::set<std::string> known;
    for (const auto& [id, sweep] : sweeps_) known.insert(id);
    for (const std::string& id : changes.deleted_sweeps) known.erase(id);
    for (const server::Sweep& sweep : changes.sweeps) known.insert(sweep.id);
    for (const server::Task& task : changes.tasks) {
      if (known.count(task.sweep_id) == 0) {
        return absl::UnavailableError(absl::StrCat("task ", task.id, " belongs to no sweep"));
      }
    }
    return absl::OkStatus();
  }

  void Delete(const std::string& id, std::set<std::string>& orphans) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (auto task = tasks_.begin(); task != tasks_.end();) {
      if (task->second.sweep_id != id) {
        ++task;
        continue;
      }
      orphans.insert(task->second.reuse_key);
      task = tasks_.erase(task);
    }
    if (const auto sweep = sweeps_.find(id); sweep != sweeps_.end()) {
      order_.erase(sweep->second.sequence);
      sweeps_.erase(sweep);
    }
  }

  absl::Mutex mutex_;
  std::map<std::string, server::Sweep> sweeps_ ABSL_GUARDED_BY(mutex_);
  std::map<int64_t, std::string> order_ ABSL_GUARDED_BY(mutex_);  // sequence → sweep
  std::map<std::string, server::Task> tasks_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, server::Worker> workers_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, server::Outcome> outcomes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace probesweep::testing

#endif  // PROBESWEEP_TESTS_SUPPORT_MEMORY_STORE_H_
