// What workers ask of the coordinator.
#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/log_fields.h"
#include "common/logging.h"
#include "common/printable.h"
#include "common/status.h"
#include "server/domain/text.h"
#include "server/service/core.h"

namespace probesweep::server {
namespace {

// Of what a worker says of itself.
constexpr size_t kMaxIdBytes = 128, kMaxTitleBytes = 256;
// Of a worker's error in a line of the log; the task keeps it whole.
constexpr size_t kMaxLoggedError = 500;

absl::Status Check(const RegisterCommand& command) {
  const WorkerRef& worker = command.worker;
  if (worker.id.empty() || worker.id.size() > kMaxIdBytes || worker.incarnation.empty()) {
    return absl::InvalidArgumentError("a worker needs an id of 1 to 128 characters and an incarnation");
  }
  PS_RETURN_IF_ERROR(CheckText(worker.id, kMaxIdBytes, "worker.worker_id"));
  PS_RETURN_IF_ERROR(CheckText(worker.incarnation, kMaxIdBytes, "worker.incarnation"));
  PS_RETURN_IF_ERROR(CheckText(command.host, kMaxTitleBytes, "host"));
  PS_RETURN_IF_ERROR(CheckText(command.device, kMaxTitleBytes, "device"));
  return CheckText(command.version, kMaxTitleBytes, "version");
}

// Rows of a protocol that nobody asked for would stand in the sweep's table all the same.
absl::Status CheckProtocols(const Outcome& outcome, const std::vector<std::string>& asked_for) {
  for (const LayerRow& row : outcome.rows) {
    if (std::find(asked_for.begin(), asked_for.end(), row.protocol) != asked_for.end()) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "layer ", row.layer, ": the sweep does not ask for protocol '", row.protocol.substr(0, 80), "'"));
  }
  return absl::OkStatus();
}

}  // namespace

void CoordinatorCore::Register(const RegisterCommand& command, Reply<RegisterAnswer> reply) {
  if (const absl::Status checked = Check(command); !checked.ok()) {
    return Answer<RegisterAnswer>(std::move(reply), checked);
  }
  if (command.engine_version != options_.engine_version) {
    // Reuse keys carry the coordinator's engine version: another engine's numbers must not be stored under
    // it.
    return Answer<RegisterAnswer>(
        std::move(reply),
        absl::FailedPreconditionError(absl::StrCat(
            "worker '", command.worker.id, "' has engine ", command.engine_version,
            ", the coordinator expects ", options_.engine_version, "; install the same release on both")));
  }
  const Worker* known = fleet_.Find(command.worker.id);
  const bool restarted = known == nullptr || known->incarnation != command.worker.incarnation;
  if (restarted) {
    for (const std::string& lease : fleet_.LeasesOf(command.worker.id))
      LoseLease(lease, "the worker was restarted");
    if (std::optional<ParkedPoll> poll = fleet_.TakePollOf(command.worker.id)) {
      AnswerPoll(*std::move(poll), absl::FailedPreconditionError("another process took over this worker id"));
    }
  }
  Worker worker;
  worker.id = command.worker.id;
  worker.incarnation = command.worker.incarnation;
  worker.host = command.host;
  worker.device = command.device;
  worker.version = command.version;
  worker.engine_version = command.engine_version;
  worker.draining = !restarted && known->draining;
  worker.last_seen = clock_->Now();
  changed_workers_[worker.id] = worker;
  if (restarted) {
    spdlog::info("worker '{}' registered from {} ({}){}", worker.id, worker.host, worker.device,
                 LogFields({{"worker", worker.id}}));
  }
  fleet_.Put(std::move(worker));
  Answer<RegisterAnswer>(std::move(reply), RegisterAnswer{options_.lease.heartbeat, options_.lease.ttl});
}

uint64_t CoordinatorCore::Lease(const LeaseCommand& command, Reply<LeaseAnswer> reply) {
  const uint64_t id = next_id_++;
  if (const absl::Status known = fleet_.Check(command.worker); !known.ok()) {
    Answer<LeaseAnswer>(std::move(reply), known);
    return id;
  }
  fleet_.Heard(command.worker);
  // Who asks for work has none: a lease it should hold is one whose grant never arrived.
  for (const std::string& lease : fleet_.LeasesOf(command.worker.id)) GiveBack(lease, std::nullopt);
  if (std::optional<ParkedPoll> poll = fleet_.TakePollOf(command.worker.id)) {
    AnswerPoll(*std::move(poll), LeaseAnswer{});
  }
  if (fleet_.Find(command.worker.id)->draining) {
    Answer<LeaseAnswer>(std::move(reply), LeaseAnswer{std::nullopt, true});
    return id;
  }
  ParkedPoll poll;
  poll.id = id;
  poll.worker = command.worker;
  poll.deadline = clock_->Steady() + std::clamp(command.wait, absl::ZeroDuration(), options_.max_poll);
  poll.cached_paths = command.cached_paths;
  poll.reply = std::move(reply);
  fleet_.Park(std::move(poll));
  return id;
}

void CoordinatorCore::AbandonPoll(uint64_t poll_id) {
  // Whoever called is gone; the reply still ends the call's bookkeeping.
  if (std::optional<ParkedPoll> poll = fleet_.TakePoll(poll_id)) {
    AnswerPoll(*std::move(poll), absl::CancelledError("the call was cancelled"));
  }
}

void CoordinatorCore::Heartbeat(const HeartbeatCommand& command, Reply<HeartbeatAnswer> reply) {
  if (const absl::Status known = fleet_.Check(command.worker); !known.ok()) {
    return Answer<HeartbeatAnswer>(std::move(reply), known);
  }
  fleet_.Heard(command.worker);
  HeartbeatAnswer answer;
  absl::flat_hash_set<absl::string_view> named;
  for (const LeaseProgress& progress : command.leases) {
    bool progressed = false;
    // Named a million times, it would be answered with its tasks a million times.
    if (!named.insert(progress.lease_id).second) continue;
    if (!fleet_.Renew(command.worker, progress, progressed)) continue;
    answer.renewed_lease_ids.push_back(progress.lease_id);
    const probesweep::server::Lease& lease = *fleet_.FindLease(progress.lease_id);
    if (progressed) state_.Touch(lease.sweep_id);
    for (const std::string& id : lease.task_ids) {
      const TaskRef ref = state_.FindTask(id);
      const bool live = ref.task != nullptr && IsHeldUnder(*ref.task, lease.id);
      if (!live) answer.revoked_task_ids.push_back(id);
    }
  }
  answer.drain = fleet_.Find(command.worker.id)->draining;
  Answer<HeartbeatAnswer>(std::move(reply), std::move(answer));
}

absl::Status CoordinatorCore::CheckClaim(const TaskClaim& claim, const TaskRef& ref, bool& repeated) {
  if (ref.task == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("task '", claim.task_id, "' is not known; its sweep may be deleted"));
  }
  const Task& task = *ref.task;
  const TaskLease* lease = FindLease(task, claim.lease_id);
  const bool same = lease != nullptr && lease->epoch == claim.epoch && lease->worker_id == claim.worker.id &&
                    lease->incarnation == claim.worker.incarnation;
  repeated = same && task.state != TaskState::kLeased;
  if (same) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat("task ", task.id, ": lease ", claim.lease_id, " with epoch ",
                                         claim.epoch, " is stale; the task is ", TaskStateName(task.state),
                                         " at epoch ", task.epoch));
}

void CoordinatorCore::Commit(const TaskClaim& claim, Outcome outcome, Reply<CommitAnswer> reply) {
  absl::StatusOr<CommitAnswer> answer = StoreOutcome(claim, std::move(outcome));
  if (absl::IsAborted(answer.status())) AfterStored([this] { observer_->OnStaleCommit(); });
  Answer<CommitAnswer>(std::move(reply), std::move(answer));
}

absl::StatusOr<CommitAnswer> CoordinatorCore::StoreOutcome(const TaskClaim& claim, Outcome outcome) {
  const TaskRef ref = state_.FindTask(claim.task_id);
  bool repeated = false;
  PS_RETURN_IF_ERROR(CheckClaim(claim, ref, repeated));
  if (repeated && ref.task->state == TaskState::kDone) {
    if (claim.lease_id != ref.task->copy.id) return CommitAnswer{true};
    PS_RETURN_IF_ERROR(Validate(outcome));
    CompareWithStored(claim, outcome, *ref.task);
    return CommitAnswer{true};
  }
  if (repeated) {
    return absl::AbortedError(absl::StrCat("task ", ref.task->id, " is ", TaskStateName(ref.task->state),
                                           ": lease ", claim.lease_id, " is over"));
  }
  PS_RETURN_IF_ERROR(Validate(outcome));
  const SweepSpec& spec = ref.sweep->sweep->spec;
  const Dimension& dimension = spec.dimensions[static_cast<size_t>(ref.task->dimension)];
  PS_RETURN_IF_ERROR(Annotate(CheckComputedFrom(outcome.provenance, dimension.dataset_digest, spec.analysis),
                              claim.task_id));
  PS_RETURN_IF_ERROR(Annotate(CheckProtocols(outcome, spec.analysis.protocols), claim.task_id));
  for (const ArtifactRef& artifact : outcome.artifacts) {
    if (blob_size_(artifact.digest) > 0) continue;
    return absl::FailedPreconditionError(absl::StrCat("artifact ", artifact.digest, " (", artifact.kind,
                                                      ") is not uploaded; send it with PutArtifact first"));
  }
  const std::string key = ref.task->reuse_key;
  const std::string digest = outcome.checkpoint_digest;
  new_outcomes_.emplace_back(key, std::move(outcome));
  Must(state_.Change(ref, event::Committed{claim.lease_id, digest}));
  CompareDigests(ref);
  int reused = 0;
  for (const TaskRef& other : state_.OpenTasksWithKey(key)) {
    if (other.task->state == TaskState::kLeased) continue;  // its worker will commit the same numbers
    Must(state_.Change(other, event::Reused{digest}));
    CompareDigests(other);
    ++reused;
  }
  if (reused > 0) AfterStored([this, reused] { observer_->OnReused(reused); });
  return CommitAnswer{false};
}

void CoordinatorCore::CompareWithStored(const TaskClaim& late, const Outcome& outcome, const Task& task) {
  const auto fresh = std::find_if(new_outcomes_.begin(), new_outcomes_.end(),
                                  [&](const auto& stored) { return stored.first == task.reuse_key; });
  absl::StatusOr<Outcome> read = fresh == new_outcomes_.end() ? store_->ReadOutcome(task.reuse_key)
                                                              : absl::StatusOr<Outcome>(fresh->second);
  if (!read.ok()) {
    spdlog::warn("task {}: its copy's result cannot be compared: {}{}", task.id, read.status().message(),
                 LogFields({{"sweep", task.sweep_id}, {"task", task.id}, {"epoch", late.epoch}}));
    return;
  }
  if (RowsDigest(*read) == RowsDigest(outcome)) return;
  const auto where = [](const TaskLease& lease, const Provenance& provenance) {
    return absl::StrCat("worker '", lease.worker_id, "' (", provenance.device, ", ", provenance.dtype, ")");
  };
  std::string alarm =
      absl::StrCat("task ", task.id, " gave other numbers on ", where(task.copy, outcome.provenance),
                   " under lease ", late.lease_id, " than on ", where(task.lease, read->provenance),
                   ", whose result is kept. On machines of one kind the bits must be equal: check "
                   "their memory and drivers",
                   LogFields({{"sweep", task.sweep_id},
                              {"task", task.id},
                              {"lease", late.lease_id},
                              {"worker", task.copy.worker_id},
                              {"epoch", late.epoch}}));
  AfterStored([this, alarm = std::move(alarm)] {
    spdlog::error("{}", alarm);
    observer_->OnNondeterminism();
  });
}

void CoordinatorCore::CompareDigests(const TaskRef& done) {
  const Task& task = *done.task;
  const std::vector<Task>& tasks = done.sweep->tasks;
  const Sweep& sweep = *done.sweep->sweep;
  const auto begin = tasks.begin() + static_cast<std::ptrdiff_t>(done.sweep->TaskIndex(task.checkpoint, 0));
  const auto end = begin + static_cast<std::ptrdiff_t>(sweep.spec.dimensions.size());
  const auto first = std::find_if(
      begin, end, [&](const Task& other) { return &other != &task && !other.checkpoint_digest.empty(); });
  if (first == end || task.checkpoint_digest.empty() || first->checkpoint_digest == task.checkpoint_digest) {
    return;
  }
  const std::string& checkpoint = sweep.checkpoints[static_cast<size_t>(task.checkpoint)].name;
  std::string warning =
      absl::StrCat("sweep ", sweep.id, ", checkpoint ", checkpoint, ": the weights of task ", task.id,
                   " have digest ", task.checkpoint_digest, ", those of task ", first->id, " ",
                   first->checkpoint_digest, "; its files were changed: submit it again under another path",
                   LogFields({{"sweep", sweep.id}, {"task", task.id}, {"checkpoint", checkpoint}}));
  AfterStored([this, warning = std::move(warning)] {
    spdlog::warn("{}", warning);
    observer_->OnDigestConflict();
  });
}

void CoordinatorCore::Fail(const TaskClaim& claim, const Failure& failure, Reply<bool> reply) {
  const absl::Status status = StoreFailure(claim, failure);
  Answer<bool>(std::move(reply), status.ok() ? absl::StatusOr<bool>(true) : status);
}

absl::Status CoordinatorCore::StoreFailure(const TaskClaim& claim, const Failure& failure) {
  const TaskRef ref = state_.FindTask(claim.task_id);
  bool repeated = false;
  PS_RETURN_IF_ERROR(CheckClaim(claim, ref, repeated));
  if (repeated) return absl::OkStatus();
  spdlog::warn("task {} failed ({}): {}{}", claim.task_id, FailureKindName(failure.kind),
               Printable(failure.error, kMaxLoggedError),
               LogFields({{"sweep", ref.task->sweep_id},
                          {"task", claim.task_id},
                          {"lease", claim.lease_id},
                          {"worker", claim.worker.id},
                          {"epoch", claim.epoch}}));
  const absl::Time retry_at =
      clock_->Now() + BackoffDelay(options_.retry_backoff, ref.task->failures + 1, *random_);
  const FailureKind kind = failure.kind;
  Must(state_.Change(ref, event::Failed{claim.lease_id, kind, failure.error, retry_at}));
  // The task goes on under its other lease.
  if (ref.task->state == TaskState::kLeased) return absl::OkStatus();
  AfterStored([this, kind] { observer_->OnTaskFailed(kind); });
  if (kind == FailureKind::kCheckpointCorrupt) {
    // The bytes are bad for every dimension; probing them again would only tell so again.
    for (const TaskRef& other : state_.OpenTasksOfCheckpoint(*ref.sweep, ref.task->checkpoint)) {
      Must(state_.Change(other, event::Quarantined{kind, failure.error}));
      AfterStored([this, kind] { observer_->OnTaskFailed(kind); });
    }
  }
  return absl::OkStatus();
}

void CoordinatorCore::Release(const WorkerRef& worker, const std::string& lease_id,
                              const std::optional<PassStatistics>& statistics, Reply<bool> reply) {
  const probesweep::server::Lease* lease = fleet_.FindLease(lease_id);
  if (lease != nullptr && lease->worker_id == worker.id && lease->incarnation == worker.incarnation) {
    if (statistics.has_value()) AfterStored([this, pass = *statistics] { observer_->OnPass(pass); });
    GiveBack(lease_id, statistics);
  }
  Answer<bool>(std::move(reply), true);
}

void CoordinatorCore::ListWorkers(Reply<std::vector<WorkerView>> reply) {
  std::vector<WorkerView> views = fleet_.Views();
  for (WorkerView& view : views) view = Complete(std::move(view));
  Answer<std::vector<WorkerView>>(std::move(reply), std::move(views));
}

void CoordinatorCore::DrainWorker(const std::string& worker_id, Reply<WorkerView> reply) {
  const Worker* worker = fleet_.Find(worker_id);
  if (worker == nullptr) {
    return Answer<WorkerView>(
        std::move(reply),
        absl::NotFoundError(absl::StrCat("worker '", worker_id,
                                         "' is not known; `probesweep worker list` shows those that are")));
  }
  fleet_.Drain(worker_id);
  changed_workers_[worker_id] = *worker;
  if (std::optional<ParkedPoll> poll = fleet_.TakePollOf(worker_id)) {
    AnswerPoll(*std::move(poll), LeaseAnswer{std::nullopt, true});
  }
  Answer<WorkerView>(std::move(reply), Complete(fleet_.ViewOf(worker_id)));
}

}  // namespace probesweep::server
