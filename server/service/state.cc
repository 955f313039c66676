#include "server/service/state.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "common/status.h"

namespace probesweep::server {

std::optional<int> SweepEntry::ReadyCheckpointAt(const std::string& path) const {
  const auto path_of = [this](int checkpoint) -> const std::string& {
    return sweep->checkpoints[static_cast<size_t>(checkpoint)].path;
  };
  const auto found = std::lower_bound(
      by_path.begin(), by_path.end(), path,
      [&](int checkpoint, const std::string& wanted) { return path_of(checkpoint) < wanted; });
  if (found == by_path.end() || path_of(*found) != path || ready.count(*found) == 0) return std::nullopt;
  return *found;
}

absl::Status CoordinatorState::Reset(StoredState stored) {
  sweeps_.clear();
  by_id_.clear();
  by_request_.clear();
  tasks_.clear();
  open_by_key_.clear();
  retries_.clear();
  ready_sweeps_.clear();
  counts_ = TaskCounts();
  sweep_counts_.fill(0);
  dirty_tasks_.clear();
  dirty_sweeps_.clear();
  deleted_sweeps_.clear();
  absl::flat_hash_map<std::string, std::vector<Task>> by_sweep;
  for (Task& task : stored.tasks) by_sweep[task.sweep_id].push_back(std::move(task));
  for (Sweep& sweep : stored.sweeps) {
    std::vector<Task> tasks = std::move(by_sweep[sweep.id]);
    if (tasks.size() != sweep.checkpoints.size() * sweep.spec.dimensions.size()) {
      return absl::DataLossError(
          absl::StrCat("sweep ", sweep.id, " has ", tasks.size(),
                       " tasks in the store, not one for each checkpoint and dimension"));
    }
    touched_.insert(sweep.id);
    Insert(std::move(sweep), std::move(tasks));
  }
  return absl::OkStatus();
}

SweepEntry& CoordinatorState::Insert(Sweep sweep, std::vector<Task> tasks) {
  const int64_t sequence = sweep.sequence;
  auto owned = std::make_unique<SweepEntry>();
  SweepEntry& entry = *owned;
  sweeps_[sequence] = std::move(owned);
  entry.waiting_since = sweep.create_time;
  entry.sweep = std::make_shared<const Sweep>(std::move(sweep));
  entry.tasks = std::move(tasks);
  by_id_[entry.sweep->id] = &entry;
  by_request_[entry.sweep->request_id] = &entry;
  for (Task& task : entry.tasks) {
    tasks_[task.id] = {&entry, &task};
    Index(entry, task);
  }
  entry.by_path.resize(entry.sweep->checkpoints.size());
  std::iota(entry.by_path.begin(), entry.by_path.end(), 0);
  std::sort(entry.by_path.begin(), entry.by_path.end(), [&](int a, int b) {
    return entry.sweep->checkpoints[static_cast<size_t>(a)].path <
           entry.sweep->checkpoints[static_cast<size_t>(b)].path;
  });
  CountSweep(entry);
  return entry;
}

SweepEntry& CoordinatorState::Add(Sweep sweep, std::vector<Task> tasks) {
  SweepEntry& entry = Insert(std::move(sweep), std::move(tasks));
  dirty_sweeps_.insert(entry.sweep->id);
  touched_.insert(entry.sweep->id);
  for (const Task& task : entry.tasks) dirty_tasks_.insert(task.id);
  return entry;
}

void CoordinatorState::Remove(const std::string& sweep_id) {
  SweepEntry& entry = *by_id_.at(sweep_id);
  for (Task& task : entry.tasks) {
    Unindex(entry, task);
    tasks_.erase(task.id);
    dirty_tasks_.erase(task.id);
  }
  if (entry.counted.has_value()) --sweep_counts_[static_cast<size_t>(*entry.counted)];
  by_request_.erase(entry.sweep->request_id);
  by_id_.erase(sweep_id);
  dirty_sweeps_.erase(sweep_id);
  deleted_sweeps_.push_back(sweep_id);
  touched_.insert(sweep_id);
  sweeps_.erase(entry.sweep->sequence);
}

absl::Status CoordinatorState::Change(TaskRef ref, const TaskEvent& happened) {
  Unindex(*ref.sweep, *ref.task);
  const absl::Status status = Apply(happened, retry_policy_, *ref.task);
  Index(*ref.sweep, *ref.task);
  if (!status.ok()) return status;
  dirty_tasks_.insert(ref.task->id);
  touched_.insert(ref.sweep->sweep->id);
  UpdateEndTime(*ref.sweep);
  CountSweep(*ref.sweep);
  return absl::OkStatus();
}

void CoordinatorState::CountSweep(SweepEntry& entry) {
  const SweepState state = StateOf(entry.counts);
  if (entry.counted == state) return;
  if (entry.counted.has_value()) --sweep_counts_[static_cast<size_t>(*entry.counted)];
  ++sweep_counts_[static_cast<size_t>(state)];
  entry.counted = state;
}

void CoordinatorState::Index(SweepEntry& entry, Task& task) {
  ++entry.counts[task.state];
  ++counts_[task.state];
  if (task.state == TaskState::kDone && task.reused) {
    ++entry.counts.reused;
    ++counts_.reused;
  }
  if (task.state == TaskState::kReady) {
    entry.ready[task.checkpoint].insert(task.dimension);
    ready_sweeps_[entry.sweep->sequence] = &entry;
  }
  if (task.state == TaskState::kRetryWait) retries_.emplace(task.not_before, task.id);
  if (!IsTerminal(task.state)) open_by_key_[task.reuse_key].insert(task.id);
}

void CoordinatorState::Unindex(SweepEntry& entry, Task& task) {
  --entry.counts[task.state];
  --counts_[task.state];
  if (task.state == TaskState::kDone && task.reused) {
    --entry.counts.reused;
    --counts_.reused;
  }
  if (task.state == TaskState::kReady) {
    const auto group = entry.ready.find(task.checkpoint);
    group->second.erase(task.dimension);
    if (group->second.empty()) entry.ready.erase(group);
    if (entry.ready.empty()) ready_sweeps_.erase(entry.sweep->sequence);
  }
  if (task.state == TaskState::kRetryWait) retries_.erase({task.not_before, task.id});
  if (!IsTerminal(task.state)) {
    const auto open = open_by_key_.find(task.reuse_key);
    open->second.erase(task.id);
    if (open->second.empty()) open_by_key_.erase(open);
  }
}

void CoordinatorState::UpdateEndTime(SweepEntry& entry) {
  const bool ended = StateOf(entry.counts) != SweepState::kRunning;
  if (ended == entry.sweep->end_time.has_value()) return;
  Sweep changed = *entry.sweep;
  if (ended) {
    changed.end_time = clock_->Now();
  } else {
    changed.end_time.reset();
  }
  entry.sweep = std::make_shared<const Sweep>(std::move(changed));
  dirty_sweeps_.insert(entry.sweep->id);
}

SweepEntry* CoordinatorState::FindSweep(const std::string& id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

SweepEntry* CoordinatorState::FindRequest(const std::string& request_id) {
  const auto found = by_request_.find(request_id);
  return found == by_request_.end() ? nullptr : found->second;
}

TaskRef CoordinatorState::FindTask(const std::string& id) const {
  const auto found = tasks_.find(id);
  return found == tasks_.end() ? TaskRef() : found->second;
}

std::vector<TaskRef> CoordinatorState::OpenTasksWithKey(const std::string& reuse_key) {
  std::vector<TaskRef> refs;
  const auto open = open_by_key_.find(reuse_key);
  if (open == open_by_key_.end()) return refs;
  for (const std::string& id : open->second) refs.push_back(tasks_.at(id));
  std::sort(refs.begin(), refs.end(),
            [](const TaskRef& a, const TaskRef& b) { return a.task->id < b.task->id; });
  return refs;
}

std::vector<TaskRef> CoordinatorState::OpenTasksOfCheckpoint(SweepEntry& sweep, int checkpoint) {
  std::vector<TaskRef> refs;
  for (size_t d = 0; d < sweep.sweep->spec.dimensions.size(); ++d) {
    Task& task = sweep.tasks[sweep.TaskIndex(checkpoint, static_cast<int>(d))];
    if (!IsTerminal(task.state)) refs.push_back({&sweep, &task});
  }
  return refs;
}

std::vector<TaskRef> CoordinatorState::DueRetries(absl::Time now, absl::Duration longest_wait) {
  std::vector<TaskRef> refs;
  for (auto retry = retries_.begin(); retry != retries_.end() && retry->first <= now; ++retry) {
    refs.push_back(tasks_.at(retry->second));
  }
  for (auto retry = retries_.upper_bound({now + longest_wait, "\x7f"}); retry != retries_.end(); ++retry) {
    refs.push_back(tasks_.at(retry->second));
  }
  return refs;
}

absl::Time CoordinatorState::NextRetry() const {
  return retries_.empty() ? absl::InfiniteFuture() : retries_.begin()->first;
}

ChangeSet CoordinatorState::TakeChanges(absl::flat_hash_set<std::string>& touched_sweeps) {
  ChangeSet changes;
  changes.deleted_sweeps = std::exchange(deleted_sweeps_, {});
  for (const std::string& id : dirty_sweeps_) changes.sweeps.push_back(*by_id_.at(id)->sweep);
  for (const std::string& id : dirty_tasks_) changes.tasks.push_back(*tasks_.at(id).task);
  // In one order, whatever the hash tables': what is written can be compared and replayed.
  std::sort(changes.sweeps.begin(), changes.sweeps.end(),
            [](const Sweep& a, const Sweep& b) { return a.sequence < b.sequence; });
  std::sort(changes.tasks.begin(), changes.tasks.end(),
            [](const Task& a, const Task& b) { return a.id < b.id; });
  dirty_sweeps_.clear();
  dirty_tasks_.clear();
  touched_sweeps = std::exchange(touched_, {});
  return changes;
}

}  // namespace probesweep::server
