// How the coordinator gives out work; the decisions themselves are in server/scheduling.
#include <algorithm>
#include <set>
#include <utility>

#include "server/scheduling/cost.h"
#include "server/service/core.h"

namespace probesweep::server {

void CoordinatorCore::Schedule() {
  if (fleet_.polls().empty()) return;
  if (state_.counts()[TaskState::kReady] > 0) {
    for (const GrantDecision& decision : DecideGrants(Snapshot(), clock_->Now(), options_.scheduler)) {
      const SweepSpec& spec = state_.FindSweep(decision.sweep_id)->sweep->spec;
      fair_share_.Charge({decision.sweep_id, spec.priority}, decision.cost, spec.weight);
      GrantTo(decision, GrantKind::kFirst);
    }
  }
  Speculate();
}

SchedulerSnapshot CoordinatorCore::Snapshot() {
  SchedulerSnapshot snapshot;
  for (const auto& [id, poll] : fleet_.polls()) {
    snapshot.workers.push_back({poll.worker.id, poll.cached_paths});
  }
  std::vector<FairShare::Claimant> claimants;
  for (const auto& [sequence, entry] : state_.ready_sweeps()) {
    claimants.push_back({entry->sweep->id, entry->sweep->spec.priority});
  }
  fair_share_.SetActive(claimants);
  for (const auto& [sequence, entry] : state_.ready_sweeps()) snapshot.sweeps.push_back(DemandOf(*entry));
  return snapshot;
}

SweepDemand CoordinatorCore::DemandOf(const SweepEntry& entry) const {
  const Sweep& sweep = *entry.sweep;
  SweepDemand demand;
  demand.sweep_id = sweep.id;
  demand.priority = sweep.spec.priority;
  demand.weight = sweep.spec.weight;
  demand.virtual_time = fair_share_.VirtualTime(sweep.id);
  demand.waiting_since = entry.waiting_since;
  demand.group_count = entry.ready.size();
  // What a round can touch, not all that is ready: that may be a hundred thousand tasks.
  std::set<int> checkpoints;
  for (const auto& [checkpoint, dimensions] : entry.ready) {
    if (checkpoints.size() == fleet_.polls().size()) break;
    checkpoints.insert(checkpoint);
  }
  for (const auto& [id, poll] : fleet_.polls()) {
    for (const std::string& path : poll.cached_paths) {
      if (const std::optional<int> at_hand = entry.ReadyCheckpointAt(path)) checkpoints.insert(*at_hand);
    }
  }
  for (const int checkpoint : checkpoints) demand.groups.push_back(GroupOf(entry, checkpoint));
  return demand;
}

ReadyGroup CoordinatorCore::GroupOf(const SweepEntry& entry, int checkpoint) const {
  const Sweep& sweep = *entry.sweep;
  const Checkpoint& planned = sweep.checkpoints[static_cast<size_t>(checkpoint)];
  const double scale = history_.CostScale(sweep.id);
  ReadyGroup group{checkpoint, planned.path, scale * PassCost(planned.bytes), {}};
  for (const int dimension : entry.ready.at(checkpoint)) {
    const auto index = static_cast<size_t>(dimension);
    const int64_t bytes = index < sweep.dataset_bytes.size() ? sweep.dataset_bytes[index] : 0;
    group.tasks.push_back(
        {entry.tasks[entry.TaskIndex(checkpoint, dimension)].id, scale * TaskCost(planned.bytes, bytes)});
  }
  return group;
}

void CoordinatorCore::Speculate() {
  if (fleet_.polls().empty() || state_.counts()[TaskState::kReady] > 0) return;
  if (clock_->Steady() < next_copy_) return;
  std::vector<std::string> idle;
  for (const auto& [id, poll] : fleet_.polls()) idle.push_back(poll.worker.id);
  for (const GrantDecision& copy : DecideCopies(CopyableLeases(), idle, clock_->Steady(), options_.lease)) {
    GrantTo(copy, GrantKind::kCopy);
  }
  next_copy_ = absl::InfiniteDuration();
  for (const RunningLease& lease : CopyableLeases()) {
    next_copy_ = std::min(next_copy_, SlowFrom(lease, options_.lease));
  }
}

std::vector<RunningLease> CoordinatorCore::CopyableLeases() const {
  std::vector<RunningLease> running;
  for (const auto& [id, lease] : fleet_.leases()) {
    RunningLease candidate{lease.sweep_id, lease.checkpoint, lease.worker_id, {}, lease.started, {}};
    for (const std::string& task_id : lease.task_ids) {
      const Task* task = state_.FindTask(task_id).task;
      if (task != nullptr && task->lease.id == id && MayBeSpeculated(*task))
        candidate.task_ids.push_back(task_id);
    }
    if (candidate.task_ids.empty()) continue;
    candidate.median = history_.MedianLease(lease.sweep_id);
    running.push_back(std::move(candidate));
  }
  return running;
}

void CoordinatorCore::GrantTo(const GrantDecision& decision, GrantKind kind) {
  ParkedPoll poll = *fleet_.TakePollOf(decision.worker_id);
  SweepEntry& entry = *state_.FindSweep(decision.sweep_id);
  probesweep::server::Lease lease;
  lease.id = RandomId("ls", 12, *random_);
  lease.sweep_id = decision.sweep_id;
  lease.checkpoint = decision.checkpoint;
  lease.worker_id = poll.worker.id;
  lease.incarnation = poll.worker.incarnation;
  lease.task_ids = decision.task_ids;
  // Unscaled: what a pass took is compared with the plain estimate.
  lease.estimated_cost = decision.cost / history_.CostScale(decision.sweep_id);
  for (const std::string& id : decision.task_ids) {
    const TaskRef ref = state_.FindTask(id);
    if (kind == GrantKind::kFirst) {
      Must(state_.Change(ref, event::Leased{lease.id, lease.worker_id, lease.incarnation}));
    } else {
      Must(state_.Change(ref, event::Speculated{lease.id, lease.worker_id, lease.incarnation}));
    }
  }
  if (kind == GrantKind::kFirst) entry.waiting_since = clock_->Now();
  // A lease more may become slow.
  next_copy_ = -absl::InfiniteDuration();
  const probesweep::server::Lease& added = fleet_.AddLease(std::move(lease));
  AnswerPoll(std::move(poll), LeaseAnswer{MakeGrant(entry, added), false});
  const int granted = static_cast<int>(decision.task_ids.size());
  AfterStored([this, granted] { observer_->OnGrant(granted); });
}

Grant CoordinatorCore::MakeGrant(const SweepEntry& entry, const probesweep::server::Lease& lease) const {
  const Sweep& sweep = *entry.sweep;
  Grant grant;
  grant.lease_id = lease.id;
  grant.sweep_id = sweep.id;
  grant.model = sweep.spec.model;
  grant.checkpoint = sweep.checkpoints[static_cast<size_t>(lease.checkpoint)];
  grant.analysis = sweep.spec.analysis;
  grant.ttl = options_.lease.ttl;
  for (size_t d = 0; d < sweep.spec.dimensions.size(); ++d) {
    const Task& task = entry.tasks[entry.TaskIndex(lease.checkpoint, static_cast<int>(d))];
    if (!IsHeldUnder(task, lease.id)) continue;
    grant.tasks.push_back({task.id, FindLease(task, lease.id)->epoch, sweep.spec.dimensions[d]});
  }
  return grant;
}

}  // namespace probesweep::server
