#include "server/service/fleet.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace probesweep::server {

void Fleet::Reset(std::vector<Worker> workers, std::vector<Lease> leases) {
  workers_.clear();
  leases_.clear();
  // Nobody has been heard yet: who does not call within a lease's time counts as lost.
  for (Worker& worker : workers) {
    const std::string id = worker.id;
    workers_[id] = {std::move(worker), clock_->Steady()};
  }
  for (Lease& lease : leases) AddLease(std::move(lease));
}

void Fleet::Put(Worker worker) {
  const std::string id = worker.id;
  workers_[id] = {std::move(worker), clock_->Steady()};
}

absl::Status Fleet::Check(const WorkerRef& worker) const {
  const auto found = workers_.find(worker.id);
  if (found == workers_.end()) {
    return absl::NotFoundError(absl::StrCat("worker '", worker.id, "' is not known here; register first"));
  }
  if (found->second.worker.incarnation != worker.incarnation) {
    return absl::FailedPreconditionError(absl::StrCat("another process now acts as worker '", worker.id,
                                                      "'; give each worker an id of its own"));
  }
  return absl::OkStatus();
}

void Fleet::Heard(const WorkerRef& worker) {
  WorkerEntry& entry = workers_.at(worker.id);
  entry.last_heard = clock_->Steady();
  entry.worker.last_seen = clock_->Now();
}

Worker* Fleet::Find(const std::string& worker_id) {
  const auto found = workers_.find(worker_id);
  return found == workers_.end() ? nullptr : &found->second.worker;
}

std::vector<std::string> Fleet::Forgotten(absl::Duration silence) const {
  std::vector<std::string> ids;
  for (const auto& [id, entry] : workers_) {
    if (clock_->Steady() - entry.last_heard > silence && LeasesOf(id).empty()) ids.push_back(id);
  }
  return ids;
}

Lease* Fleet::FindLease(const std::string& lease_id) {
  const auto found = leases_.find(lease_id);
  return found == leases_.end() ? nullptr : &found->second;
}

Lease& Fleet::AddLease(Lease lease) {
  lease.expires = clock_->Steady() + options_.ttl;
  lease.last_progress = clock_->Steady();
  const std::string id = lease.id;
  return leases_[id] = std::move(lease);
}

std::vector<std::string> Fleet::LeasesOf(const std::string& worker_id) const {
  std::vector<std::string> ids;
  for (const auto& [id, lease] : leases_) {
    if (lease.worker_id == worker_id) ids.push_back(id);
  }
  return ids;
}

bool Fleet::Renew(const WorkerRef& worker, const LeaseProgress& progress, bool& progressed) {
  Lease* lease = FindLease(progress.lease_id);
  if (lease == nullptr || lease->worker_id != worker.id || lease->incarnation != worker.incarnation)
    return false;
  lease->expires = clock_->Steady() + options_.ttl;
  progressed = lease->layers_done != progress.layers_done || lease->layers_total != progress.layers_total;
  if (progressed || lease->steps != progress.steps) lease->last_progress = clock_->Steady();
  lease->steps = progress.steps;
  lease->layers_done = progress.layers_done;
  lease->layers_total = progress.layers_total;
  return true;
}

std::vector<Fleet::EndedLease> Fleet::EndedLeases() const {
  std::vector<EndedLease> ended;
  for (const auto& [id, lease] : leases_) {
    const LeaseVerdict verdict = JudgeLease(lease, clock_->Steady(), options_);
    if (verdict != LeaseVerdict::kLive) ended.push_back({id, verdict});
  }
  return ended;
}

absl::Duration Fleet::NextWake() const {
  absl::Duration next = absl::InfiniteDuration();
  for (const auto& [id, lease] : leases_) next = std::min(next, NextVerdictAt(lease, options_));
  for (const ParkedPoll& poll : polls_) next = std::min(next, poll.deadline);
  return next;
}

WorkerView Fleet::ViewOf(const WorkerEntry& entry) const {
  WorkerView view;
  view.worker = entry.worker;
  view.last_seen = entry.worker.last_seen;
  const bool waiting = std::any_of(polls_.begin(), polls_.end(),
                                   [&](const ParkedPoll& poll) { return poll.worker.id == entry.worker.id; });
  for (const auto& [id, lease] : leases_) {
    if (lease.worker_id != entry.worker.id) continue;
    view.state = WorkerState::kBusy;
    view.sweep_id = lease.sweep_id;
    view.checkpoint = absl::StrCat(lease.checkpoint);
    view.layers_done = lease.layers_done;
    view.layers_total = lease.layers_total;
  }
  if (waiting) view.last_seen = clock_->Now();
  if (!waiting && clock_->Steady() - entry.last_heard > options_.ttl) {
    view.state = WorkerState::kLost;
  } else if (entry.worker.draining) {
    view.state = WorkerState::kDraining;
  }
  return view;
}

std::vector<WorkerView> Fleet::Views() const {
  std::vector<WorkerView> views;
  for (const auto& [id, entry] : workers_) views.push_back(ViewOf(entry));
  return views;
}

}  // namespace probesweep::server
