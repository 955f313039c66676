#include "server/service/core.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/logging.h"
#include "common/status.h"

namespace probesweep::server {
namespace {

// The leases that stored tasks were under when the coordinator stopped.
std::vector<Lease> LeasesOf(const CoordinatorState& state) {
  std::map<std::string, Lease> leases;
  for (const auto& [sequence, entry] : state.sweeps()) {
    for (const Task& task : entry->tasks) {
      if (task.state != TaskState::kLeased) continue;
      Lease& lease = leases[task.lease_id];
      lease.id = task.lease_id;
      lease.sweep_id = task.sweep_id;
      lease.checkpoint = task.checkpoint;
      lease.worker_id = task.worker_id;
      lease.incarnation = task.incarnation;
      lease.task_ids.push_back(task.id);
    }
  }
  std::vector<Lease> result;
  for (auto& [id, lease] : leases) result.push_back(std::move(lease));
  return result;
}

}  // namespace

CoordinatorCore::CoordinatorCore(CoreOptions options, Store* store, HasBlob has_blob, Clock* clock,
                                 RandomSource* random, CoordinatorObserver* observer)
    : options_(std::move(options)),
      store_(store),
      has_blob_(std::move(has_blob)),
      clock_(clock),
      random_(random),
      observer_(observer),
      state_(options_.retry, clock),
      fleet_(options_.lease, clock),
      broken_(absl::UnavailableError("the coordinator is starting")) {}

absl::Status CoordinatorCore::Start() {
  PS_RETURN_IF_ERROR(Reload());
  PublishGauges();
  return absl::OkStatus();
}

absl::Status CoordinatorCore::Reload() {
  PS_ASSIGN_OR_RETURN(StoredState stored, store_->Load());
  std::vector<Worker> workers = std::move(stored.workers);
  PS_RETURN_IF_ERROR(state_.Reset(std::move(stored)));
  fleet_.Reset(std::move(workers), LeasesOf(state_));
  // A registration that was undone takes its poll along.
  fleet_.polls().remove_if([&](ParkedPoll& poll) {
    const absl::Status known = fleet_.Check(poll.worker);
    if (!known.ok()) Answer<LeaseAnswer>(std::move(poll.reply), known);
    return !known.ok();
  });
  broken_ = absl::OkStatus();
  return absl::OkStatus();
}

absl::Status CoordinatorCore::StoreChanges(const ChangeSet& changes) {
  const absl::Status stored = store_->Commit(changes);
  refusal_ = absl::OkStatus();
  if (stored.ok()) return stored;
  spdlog::error("changes could not be stored and are undone: {}", stored.message());
  refusal_ = absl::UnavailableError(absl::StrCat("the store takes no changes: ", stored.message()));
  next_write_check_ = clock_->Steady() + options_.store_retry;
  return stored;
}

void CoordinatorCore::CheckWritable() {
  if (refusal_.ok() || clock_->Steady() < next_write_check_) return;
  next_write_check_ = clock_->Steady() + options_.store_retry;
  if (!store_->CheckWritable().ok()) return;
  refusal_ = absl::OkStatus();
  spdlog::info("the store takes changes again");
}

void CoordinatorCore::Step() {
  if (broken_.ok()) {
    CheckWritable();
    EndLeases();
    Schedule();
    // After the grants: who does not want to wait still gets what is there.
    EndPolls();
  }
  absl::flat_hash_set<std::string> touched;
  ChangeSet changes = state_.TakeChanges(touched);
  changes.outcomes = std::exchange(new_outcomes_, {});
  for (auto& [id, worker] : std::exchange(changed_workers_, {})) changes.workers.push_back(worker);
  changes.forgotten_workers = std::exchange(forgotten_workers_, {});
  absl::Status stored = broken_;
  if (stored.ok() && !changes.empty()) stored = StoreChanges(changes);
  // Events and replies may ask for more: what they add waits for the next step.
  auto events = std::exchange(events_, {});
  auto replies = std::exchange(outbox_, {});
  if (stored.ok()) {
    for (auto& event : events) event();
  } else {
    if (broken_.ok()) {
      broken_ =
          absl::UnavailableError(absl::StrCat("the coordinator cannot reach its store: ", stored.message()));
    }
    stored = broken_;
    RecoverStore();
  }
  for (auto& reply : replies) reply(stored);
  if (!broken_.ok()) return;
  if (!stored.ok()) {
    // Back from the store: parked polls need not wait for somebody's next request.
    return Step();
  }
  Notify(touched);
  PublishGauges();
}

void CoordinatorCore::RecoverStore() {
  if (clock_->Steady() < next_store_attempt_) return;
  next_store_attempt_ = clock_->Steady() + options_.store_retry;
  if (const absl::Status reloaded = Reload(); !reloaded.ok()) {
    spdlog::error("the store cannot be read: {}", reloaded.message());
  }
}

absl::Duration CoordinatorCore::NextWake() const {
  if (!broken_.ok()) return next_store_attempt_;
  absl::Duration next = fleet_.NextWake();
  if (!refusal_.ok()) next = std::min(next, next_write_check_);
  if (const absl::Time retry = state_.NextRetry(); retry != absl::InfiniteFuture()) {
    next = std::min(next, clock_->Steady() + std::max(absl::ZeroDuration(), retry - clock_->Now()));
  }
  return next;
}

void CoordinatorCore::Shutdown() {
  const absl::Status stopping = absl::UnavailableError("the coordinator is stopping; try again in a moment");
  for (ParkedPoll& poll : std::exchange(fleet_.polls(), {})) poll.reply(stopping);
  for (auto& reply : std::exchange(outbox_, {})) reply(stopping);
  for (auto& [id, watch] : std::exchange(watches_, {})) watch.watcher(stopping);
}

void CoordinatorCore::EndLeases() {
  for (const Fleet::EndedLease& ended : fleet_.EndedLeases()) {
    LoseLease(ended.lease_id,
              ended.verdict == LeaseVerdict::kHung
                  ? absl::StrCat("the pass made no progress for ", absl::FormatDuration(options_.lease.hang))
                  : "the worker was not heard of before the lease ended");
  }
  for (const TaskRef& due : state_.DueRetries(clock_->Now())) Must(state_.Change(due, event::RetryDue{}));
}

void CoordinatorCore::EndPolls() {
  std::list<ParkedPoll>& polls = fleet_.polls();
  for (auto poll = polls.begin(); poll != polls.end();) {
    if (poll->deadline > clock_->Steady()) {
      ++poll;
      continue;
    }
    if (fleet_.Find(poll->worker.id) != nullptr) fleet_.Heard(poll->worker);
    Answer<LeaseAnswer>(std::move(poll->reply), LeaseAnswer{});
    poll = polls.erase(poll);
  }
  for (const std::string& id : fleet_.Forgotten(options_.forget_workers)) {
    fleet_.Forget(id);
    forgotten_workers_.push_back(id);
  }
}

void CoordinatorCore::Schedule() {
  if (fleet_.polls().empty() || state_.counts()[TaskState::kReady] == 0) return;
  for (const GrantDecision& decision : DecideGrants(Snapshot(), clock_->Now(), options_.scheduler))
    GrantTo(decision);
}

SchedulerSnapshot CoordinatorCore::Snapshot() const {
  SchedulerSnapshot snapshot;
  for (const ParkedPoll& poll : const_cast<Fleet&>(fleet_).polls()) {
    snapshot.workers.push_back({poll.worker.id, poll.cached_paths});
  }
  for (const auto& [sequence, entry] : state_.sweeps()) {
    if (entry->ready.empty()) continue;
    const Sweep& sweep = *entry->sweep;
    SweepDemand demand{sweep.id,
                       sweep.spec.priority,
                       sweep.spec.weight,
                       entry->counts[TaskState::kLeased],
                       entry->waiting_since,
                       {}};
    for (const auto& [checkpoint, dimensions] : entry->ready) {
      ReadyGroup group{checkpoint, sweep.checkpoints[static_cast<size_t>(checkpoint)].path, {}};
      for (const int dimension : dimensions) {
        group.task_ids.push_back(entry->tasks[entry->TaskIndex(checkpoint, dimension)].id);
      }
      demand.groups.push_back(std::move(group));
    }
    snapshot.sweeps.push_back(std::move(demand));
  }
  return snapshot;
}

void CoordinatorCore::GrantTo(const GrantDecision& decision) {
  std::list<ParkedPoll>& polls = fleet_.polls();
  const auto poll = std::find_if(polls.begin(), polls.end(),
                                 [&](const ParkedPoll& p) { return p.worker.id == decision.worker_id; });
  SweepEntry& entry = *state_.FindSweep(decision.sweep_id);
  probesweep::server::Lease lease;
  lease.id = RandomId("ls", 12, *random_);
  lease.sweep_id = decision.sweep_id;
  lease.checkpoint = decision.checkpoint;
  lease.worker_id = poll->worker.id;
  lease.incarnation = poll->worker.incarnation;
  lease.task_ids = decision.task_ids;
  for (const std::string& id : decision.task_ids) {
    Must(state_.Change(state_.FindTask(id), event::Leased{lease.id, lease.worker_id, lease.incarnation}));
  }
  entry.waiting_since = clock_->Now();
  fleet_.Heard(poll->worker);
  const probesweep::server::Lease& added = fleet_.AddLease(std::move(lease));
  Answer<LeaseAnswer>(std::move(poll->reply), LeaseAnswer{MakeGrant(entry, added), false});
  polls.erase(poll);
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
    if (task.lease_id == lease.id) grant.tasks.push_back({task.id, task.epoch, sweep.spec.dimensions[d]});
  }
  return grant;
}

void CoordinatorCore::Must(const absl::Status& status) const {
  if (status.ok()) return;
  // A transition that was chosen by looking at the task cannot be refused: memory is wrong. The store is
  // right; starting again from it loses nothing.
  spdlog::critical("internal error: {}", status.message());
  std::abort();
}

void CoordinatorCore::Notify(const absl::flat_hash_set<std::string>& touched) {
  std::vector<uint64_t> ended;
  for (auto& [id, watch] : watches_) {
    if (!watch.fresh && !touched.contains(watch.sweep_id)) continue;
    watch.fresh = false;
    const SweepEntry* entry = state_.FindSweep(watch.sweep_id);
    if (entry == nullptr) {
      watch.watcher(absl::NotFoundError(absl::StrCat("sweep '", watch.sweep_id, "' was deleted")));
      ended.push_back(id);
    } else {
      watch.watcher(UpdateOf(*entry));
    }
  }
  for (const uint64_t id : ended) watches_.erase(id);
}

void CoordinatorCore::PublishGauges() {
  CoordinatorGauges gauges;
  for (const TaskState state : kAllTaskStates) {
    gauges.tasks[static_cast<size_t>(state)] = state_.counts()[state];
  }
  for (const auto& [sequence, entry] : state_.sweeps()) {
    ++gauges.sweeps[static_cast<size_t>(StateOf(entry->counts))];
  }
  for (const WorkerView& view : fleet_.Views()) ++gauges.workers[static_cast<size_t>(view.state)];
  observer_->OnGauges(gauges);
}

SweepUpdate CoordinatorCore::UpdateOf(const SweepEntry& entry) const {
  SweepUpdate update{entry.view(), {}};
  for (WorkerView& view : fleet_.Views()) {
    if (view.sweep_id == entry.sweep->id) update.workers.push_back(Complete(std::move(view)));
  }
  return update;
}

WorkerView CoordinatorCore::Complete(WorkerView view) const {
  const SweepEntry* entry = const_cast<CoordinatorState&>(state_).FindSweep(view.sweep_id);
  size_t index = 0;
  if (entry != nullptr && absl::SimpleAtoi(view.checkpoint, &index)) {
    view.checkpoint = entry->sweep->checkpoints[index].name;
  } else {
    view.checkpoint.clear();
  }
  return view;
}

}  // namespace probesweep::server
