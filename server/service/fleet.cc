#include "server/service/fleet.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace probesweep::server {

void Fleet::Reset(std::vector<Worker> workers, std::vector<Lease> leases) {
  workers_.clear();
  leases_.clear();
  verdicts_.clear();
  leases_by_worker_.clear();
  counts_.fill(0);
  heard_.clear();
  silent_.clear();
  // Nobody has been heard yet: who does not call within a lease's time counts as lost.
  for (Worker& worker : workers) Put(std::move(worker));
  for (Lease& lease : leases) AddLease(std::move(lease));
}

void Fleet::Put(Worker worker) {
  const std::string id = worker.id;
  Entry& entry = workers_[id];
  entry.worker = std::move(worker);
  entry.last_heard = clock_->Steady();
  Recount(id);
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
  Entry& entry = workers_.at(worker.id);
  entry.last_heard = clock_->Steady();
  entry.worker.last_seen = clock_->Now();
  Recount(worker.id);
}

void Fleet::Drain(const std::string& worker_id) {
  workers_.at(worker_id).worker.draining = true;
  Recount(worker_id);
}

const Worker* Fleet::Find(const std::string& worker_id) const {
  const auto found = workers_.find(worker_id);
  return found == workers_.end() ? nullptr : &found->second.worker;
}

std::vector<std::string> Fleet::Forgotten(absl::Duration silence) {
  CountSilent();
  std::vector<std::string> ids;
  for (const auto& [heard, id] : silent_) {
    if (clock_->Steady() - heard <= silence) break;
    if (LeasesOf(id).empty()) ids.push_back(id);
  }
  return ids;
}

void Fleet::Forget(const std::string& worker_id) {
  const auto found = workers_.find(worker_id);
  if (found == workers_.end()) return;
  Uncount(found->second);
  workers_.erase(found);
}

const Lease* Fleet::FindLease(const std::string& lease_id) const {
  const auto found = leases_.find(lease_id);
  return found == leases_.end() ? nullptr : &found->second;
}

const Lease& Fleet::AddLease(Lease lease) {
  lease.started = clock_->Steady();
  lease.expires = clock_->Steady() + options_.ttl;
  lease.last_progress = clock_->Steady();
  const std::string id = lease.id, worker_id = lease.worker_id;
  const Lease& added = leases_[id] = std::move(lease);
  verdicts_.emplace(NextVerdictAt(added, options_), id);
  leases_by_worker_[worker_id].insert(id);
  Recount(worker_id);
  return added;
}

void Fleet::EraseLease(const std::string& lease_id) {
  const auto found = leases_.find(lease_id);
  if (found == leases_.end()) return;
  const std::string worker_id = found->second.worker_id;
  verdicts_.erase({NextVerdictAt(found->second, options_), found->first});
  const auto held = leases_by_worker_.find(worker_id);
  held->second.erase(found->first);
  if (held->second.empty()) leases_by_worker_.erase(held);
  leases_.erase(found);
  Recount(worker_id);
}

std::vector<std::string> Fleet::LeasesOf(const std::string& worker_id) const {
  const auto held = leases_by_worker_.find(worker_id);
  if (held == leases_by_worker_.end()) return {};
  return {held->second.begin(), held->second.end()};
}

bool Fleet::Renew(const WorkerRef& worker, const LeaseProgress& progress, bool& progressed) {
  const auto found = leases_.find(progress.lease_id);
  if (found == leases_.end()) return false;
  Lease& lease = found->second;
  if (lease.worker_id != worker.id || lease.incarnation != worker.incarnation) return false;
  verdicts_.erase({NextVerdictAt(lease, options_), lease.id});
  lease.expires = clock_->Steady() + options_.ttl;
  progressed = lease.layers_done != progress.layers_done || lease.layers_total != progress.layers_total;
  if (progressed || lease.steps != progress.steps) lease.last_progress = clock_->Steady();
  lease.steps = progress.steps;
  lease.layers_done = progress.layers_done;
  lease.layers_total = progress.layers_total;
  verdicts_.emplace(NextVerdictAt(lease, options_), lease.id);
  return true;
}

void Fleet::RenewAll() {
  verdicts_.clear();
  for (auto& [id, lease] : leases_) {
    lease.expires = clock_->Steady() + options_.ttl;
    lease.last_progress = clock_->Steady();
    verdicts_.emplace(NextVerdictAt(lease, options_), id);
  }
}

std::vector<Fleet::EndedLease> Fleet::EndedLeases() const {
  const absl::Duration now = clock_->Steady();
  std::vector<EndedLease> ended;
  for (const auto& [at, id] : verdicts_) {
    if (at > now) break;
    const LeaseVerdict verdict = JudgeLease(leases_.at(id), now, options_);
    if (verdict != LeaseVerdict::kLive) ended.push_back({id, verdict});
  }
  return ended;
}

absl::Duration Fleet::NextWake() const {
  absl::Duration next = absl::InfiniteDuration();
  if (!verdicts_.empty()) next = verdicts_.begin()->first;
  if (!deadlines_.empty()) next = std::min(next, deadlines_.begin()->first);
  return next;
}

}  // namespace probesweep::server
