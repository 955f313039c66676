// How the fleet stands: states, counts and views of workers; and the polls they wait in.
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/service/fleet.h"

namespace probesweep::server {

WorkerState Fleet::StateOf(const Entry& entry) const {
  const std::string& id = entry.worker.id;
  const bool waiting = polls_by_worker_.contains(id);
  if (!waiting && clock_->Steady() - entry.last_heard > options_.ttl) return WorkerState::kLost;
  if (entry.worker.draining) return WorkerState::kDraining;
  return leases_by_worker_.contains(id) ? WorkerState::kBusy : WorkerState::kIdle;
}

void Fleet::Uncount(Entry& entry) {
  if (!entry.state.has_value()) return;
  --counts_[static_cast<size_t>(*entry.state)];
  heard_.erase(entry.heard_key);
  silent_.erase(entry.heard_key);
  entry.state.reset();
}

void Fleet::Recount(const std::string& worker_id) {
  const auto found = workers_.find(worker_id);
  if (found == workers_.end()) return;
  Entry& entry = found->second;
  Uncount(entry);
  const WorkerState state = StateOf(entry);
  ++counts_[static_cast<size_t>(state)];
  entry.state = state;
  entry.heard_key = {entry.last_heard, worker_id};
  if (state == WorkerState::kLost) {
    silent_.insert(entry.heard_key);
  } else if (!polls_by_worker_.contains(worker_id)) {
    heard_.insert(entry.heard_key);
  }
}

void Fleet::CountSilent() {
  while (!heard_.empty() && clock_->Steady() - heard_.begin()->first > options_.ttl) {
    const std::string id = heard_.begin()->second;
    Recount(id);
  }
}

const std::array<int64_t, 4>& Fleet::CountByState() {
  CountSilent();
  return counts_;
}

WorkerView Fleet::ViewOf(const std::string& worker_id) const {
  const Entry& entry = workers_.at(worker_id);
  WorkerView view;
  view.worker = entry.worker;
  view.state = StateOf(entry);
  view.last_seen = polls_by_worker_.contains(worker_id) ? clock_->Now() : entry.worker.last_seen;
  const auto held = leases_by_worker_.find(worker_id);
  if (held == leases_by_worker_.end()) return view;
  const Lease& lease = leases_.at(*held->second.rbegin());
  view.sweep_id = lease.sweep_id;
  view.checkpoint = absl::StrCat(lease.checkpoint);
  view.layers_done = lease.layers_done;
  view.layers_total = lease.layers_total;
  return view;
}

std::vector<WorkerView> Fleet::Views() const {
  std::vector<WorkerView> views;
  for (const auto& [id, entry] : workers_) views.push_back(ViewOf(id));
  return views;
}

std::vector<WorkerView> Fleet::ViewsOfSweep(const std::string& sweep_id) const {
  std::set<std::string> ids;
  for (const auto& [id, lease] : leases_) {
    if (lease.sweep_id == sweep_id && workers_.count(lease.worker_id) > 0) ids.insert(lease.worker_id);
  }
  std::vector<WorkerView> views;
  for (const std::string& id : ids) {
    views.push_back(ViewOf(id));
    if (views.back().sweep_id != sweep_id) views.pop_back();
  }
  return views;
}

void Fleet::Park(ParkedPoll poll) {
  const std::string worker_id = poll.worker.id;
  deadlines_.emplace(poll.deadline, poll.id);
  polls_by_worker_[worker_id] = poll.id;
  polls_.emplace(poll.id, std::move(poll));
  Recount(worker_id);
}

std::optional<ParkedPoll> Fleet::TakePoll(uint64_t poll_id) {
  const auto found = polls_.find(poll_id);
  if (found == polls_.end()) return std::nullopt;
  ParkedPoll poll = std::move(found->second);
  polls_.erase(found);
  deadlines_.erase({poll.deadline, poll.id});
  polls_by_worker_.erase(poll.worker.id);
  // It was there until now.
  if (Check(poll.worker).ok()) Heard(poll.worker);
  return poll;
}

std::optional<ParkedPoll> Fleet::TakePollOf(const std::string& worker_id) {
  const auto found = polls_by_worker_.find(worker_id);
  if (found == polls_by_worker_.end()) return std::nullopt;
  return TakePoll(found->second);
}

std::vector<ParkedPoll> Fleet::TakeOverduePolls() {
  std::vector<ParkedPoll> polls;
  while (!deadlines_.empty() && deadlines_.begin()->first <= clock_->Steady()) {
    polls.push_back(*TakePoll(deadlines_.begin()->second));
  }
  return polls;
}

std::vector<ParkedPoll> Fleet::TakeAllPolls() {
  std::vector<ParkedPoll> polls;
  while (!polls_.empty()) polls.push_back(*TakePoll(polls_.begin()->first));
  return polls;
}

}  // namespace probesweep::server
