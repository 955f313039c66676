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
      for (const TaskLease* held : {&task.lease, &task.copy}) {
        if (held->id.empty()) continue;
        Lease& lease = leases[held->id];
        lease.id = held->id;
        lease.sweep_id = task.sweep_id;
        lease.checkpoint = task.checkpoint;
        lease.worker_id = held->worker_id;
        lease.incarnation = held->incarnation;
        lease.task_ids.push_back(task.id);
      }
    }
  }
  std::vector<Lease> result;
  for (auto& [id, lease] : leases) result.push_back(std::move(lease));
  return result;
}

}  // namespace

CoordinatorCore::CoordinatorCore(CoreOptions options, Store* store, BlobSize blob_size, Clock* clock,
                                 RandomSource* random, CoordinatorObserver* observer)
    : options_(std::move(options)),
      store_(store),
      blob_size_(std::move(blob_size)),
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
  next_copy_ = -absl::InfiniteDuration();
  // A registration that was undone takes its poll along. Who still asks for work has none, although the store
  // may not have heard of its giving back.
  std::vector<std::string> undone, held;
  for (const auto& [id, poll] : fleet_.polls()) {
    if (!fleet_.Check(poll.worker).ok()) {
      undone.push_back(poll.worker.id);
      continue;
    }
    for (const std::string& lease : fleet_.LeasesOf(poll.worker.id)) held.push_back(lease);
  }
  for (const std::string& lease : held) GiveBack(lease, std::nullopt);
  for (const std::string& id : undone) {
    ParkedPoll poll = *fleet_.TakePollOf(id);
    const absl::Status unknown = fleet_.Check(poll.worker);
    AnswerPoll(std::move(poll), unknown);
  }
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
  if (!fleet_.polls().empty() && state_.counts()[TaskState::kReady] == 0) next = std::min(next, next_copy_);
  for (const auto& [id, watch] : watches_) {
    if (watch.pending) next = std::min(next, watch.not_before);
  }
  if (!refusal_.ok()) next = std::min(next, next_write_check_);
  if (const absl::Time retry = state_.NextRetry(); retry != absl::InfiniteFuture()) {
    next = std::min(next, clock_->Steady() + std::max(absl::ZeroDuration(), retry - clock_->Now()));
  }
  return next;
}

void CoordinatorCore::Shutdown() {
  const absl::Status stopping = absl::UnavailableError("the coordinator is stopping; try again in a moment");
  for (ParkedPoll& poll : fleet_.TakeAllPolls()) poll.reply(stopping);
  for (auto& reply : std::exchange(outbox_, {})) reply(stopping);
  for (auto& [id, watch] : std::exchange(watches_, {})) watch.watcher(stopping);
}

void CoordinatorCore::AnswerPoll(ParkedPoll poll, absl::StatusOr<LeaseAnswer> answer) {
  Answer<LeaseAnswer>(std::move(poll.reply), std::move(answer));
}

void CoordinatorCore::EndPolls() {
  for (ParkedPoll& poll : fleet_.TakeOverduePolls()) AnswerPoll(std::move(poll), LeaseAnswer{});
  for (const std::string& id : fleet_.Forgotten(options_.forget_workers)) {
    fleet_.Forget(id);
    forgotten_workers_.push_back(id);
  }
}

void CoordinatorCore::Must(const absl::Status& status) const {
  if (status.ok()) return;
  // A transition that was chosen by looking at the task cannot be refused: memory is wrong. The store is
  // right; starting again from it loses nothing.
  spdlog::critical("internal error: {}", status.message());
  std::abort();
}

}  // namespace probesweep::server
