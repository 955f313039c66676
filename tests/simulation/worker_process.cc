#include "tests/simulation/worker_process.h"

#include <algorithm>
#include <utility>

#include "tests/support/sample_sweeps.h"

namespace probesweep::simulation {
namespace {

constexpr absl::Duration kCallTimeout = absl::Seconds(10);
constexpr absl::Duration kRetry = absl::Seconds(1);
constexpr absl::Duration kHeartbeat = absl::Seconds(10);
constexpr absl::Duration kTtl = absl::Seconds(30);
constexpr absl::Duration kMargin = absl::Seconds(5);

bool MayPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

}  // namespace

WorkerProcess::WorkerProcess(std::string name, Timeline* timeline, SimRandom* random, const Faults* faults,
                             Network* network, Ledger* ledger)
    : Process(std::move(name), timeline),
      random_(random),
      faults_(faults),
      network_(network),
      ledger_(ledger) {}

void WorkerProcess::OnStart() {
  self_ = {name(), RandomId("inc", 8, *random_)};
  grant_.reset();
  revoked_.clear();
  Replay();
}

void WorkerProcess::OnKilled() {
  if (!always_back_ && random_->Chance(faults_->final_death)) return;
  timeline()->After(random_->Between(absl::Milliseconds(200), absl::Minutes(2)), [this] {
    if (!alive()) Start();
  });
}

// As a supervisor does with a worker that ends because another process has its name.
void WorkerProcess::Supersede() { Kill(); }

void WorkerProcess::Replay() {
  if (spool_.empty()) return Register();
  const Spooled& spooled = spool_.begin()->second;
  Commit(spooled, [this, spooled](const absl::StatusOr<server::CommitAnswer>& answer) {
    if (!Answered(spooled, answer)) return After(kRetry, [this] { Replay(); });
    if (answer.ok()) ++replayed_;
    Replay();
  });
}

void WorkerProcess::Commit(const Spooled& spooled,
                           std::function<void(const absl::StatusOr<server::CommitAnswer>&)> done) {
  network_->Call<server::CommitAnswer>(
      this, kCallTimeout,
      [spooled, ledger = ledger_](server::CoordinatorCore& core, server::Reply<server::CommitAnswer> reply) {
        auto accept = [claim = spooled.claim, ledger,
                       reply = std::move(reply)](absl::StatusOr<server::CommitAnswer> answer) mutable {
          if (answer.ok() && !answer->already_committed) ledger->OnAccepted(claim);
          reply(std::move(answer));
        };
        core.Commit(spooled.claim, spooled.outcome, std::move(accept));
      },
      std::move(done));
}

bool WorkerProcess::Answered(const Spooled& spooled, const absl::StatusOr<server::CommitAnswer>& answer) {
  if (MayPass(answer.status())) return false;
  spool_.erase(spooled.claim.task_id);
  if (answer.ok()) ledger_->OnAcknowledged(spooled.claim.task_id);
  return true;
}

void WorkerProcess::Register() {
  server::RegisterCommand command;
  command.worker = self_;
  command.host = "simulated";
  command.device = "cpu";
  command.engine_version = "simulated";
  network_->Call<server::RegisterAnswer>(
      this, kCallTimeout,
      [command](server::CoordinatorCore& core, server::Reply<server::RegisterAnswer> reply) {
        core.Register(command, std::move(reply));
      },
      [this](const absl::StatusOr<server::RegisterAnswer>& answer) {
        if (!answer.ok()) return After(kRetry, [this] { Register(); });
        Poll();
      });
}

void WorkerProcess::Poll() {
  server::LeaseCommand command;
  command.worker = self_;
  command.wait = absl::Seconds(20);
  const absl::Duration sent = timeline()->now();
  network_->Call<server::LeaseAnswer>(
      this, command.wait + kCallTimeout,
      [command](server::CoordinatorCore& core, server::Reply<server::LeaseAnswer> reply) {
        core.Lease(command, std::move(reply));
      },
      [this, sent](const absl::StatusOr<server::LeaseAnswer>& answer) {
        if (absl::IsNotFound(answer.status())) return Register();
        if (absl::IsFailedPrecondition(answer.status())) return Supersede();
        if (!answer.ok()) return After(kRetry, [this] { Poll(); });
        if (!answer->grant.has_value()) return Poll();
        TakeGrant(*answer->grant, sent);
      });
}

void WorkerProcess::TakeGrant(const server::Grant& grant, absl::Duration sent) {
  grant_ = grant;
  deadline_ = sent + kTtl;
  lost_ = false;
  steps_ = 0;
  Beat();
  Compute(0);
}

void WorkerProcess::Compute(size_t index) {
  if (Lost()) return EndGrant();
  if (index == grant_->tasks.size()) {
    // Outcomes that still wait for an answer keep the lease.
    if (!spool_.empty()) return After(kRetry, [this, index] { Compute(index); });
    return EndGrant();
  }
  if (revoked_.count(grant_->tasks[index].task_id) > 0) return Compute(index + 1);
  After(random_->Between(absl::Seconds(1), absl::Seconds(20)), [this, index] {
    ++steps_;
    ++computed_;
    const bool fails = timeline()->now() < faults_->until && random_->Chance(faults_->task_failure);
    fails ? FailTask(index) : FinishTask(index);
  });
}

void WorkerProcess::FinishTask(size_t index) {
  if (!grant_.has_value()) return;
  const server::GrantedTask& task = grant_->tasks[index];
  if (revoked_.count(task.task_id) == 0 && !lost_) {
    // No two computations give the same, so that a result which took another's place is seen.
    Spooled spooled{{self_, grant_->lease_id, task.task_id, task.epoch},
                    testing::SampleOutcome(random_->NextUnit())};
    spooled.outcome.provenance.dataset_digest = task.dimension.dataset_digest;
    spooled.outcome.provenance.configuration = grant_->analysis.Canonical();
    spool_[task.task_id] = std::move(spooled);
    Publish(task.task_id);
  }
  Compute(index + 1);
}

bool WorkerProcess::Publishable() const { return timeline()->now() + kMargin < deadline_; }

void WorkerProcess::Publish(const std::string& task_id) {
  const auto entry = spool_.find(task_id);
  if (entry == spool_.end()) return;
  const Spooled spooled = entry->second;
  if (!grant_.has_value() || grant_->lease_id != spooled.claim.lease_id || lost_) {
    spool_.erase(entry);  // somebody else does the task
    return;
  }
  if (!Publishable()) return After(kRetry, [this, task_id] { Publish(task_id); });
  Commit(spooled, [this, spooled](const absl::StatusOr<server::CommitAnswer>& answer) {
    if (!Answered(spooled, answer)) After(kRetry, [this, id = spooled.claim.task_id] { Publish(id); });
  });
}

void WorkerProcess::FailTask(size_t index) {
  if (!grant_.has_value()) return;
  const server::GrantedTask& task = grant_->tasks[index];
  const server::TaskClaim claim{self_, grant_->lease_id, task.task_id, task.epoch};
  network_->Call<bool>(
      this, kCallTimeout,
      [claim](server::CoordinatorCore& core, server::Reply<bool> reply) {
        core.Fail(claim, {server::FailureKind::kTransient, "simulated"}, std::move(reply));
      },
      [this, index](const absl::StatusOr<bool>& answer) {
        if (MayPass(answer.status()) && !Lost()) return After(kRetry, [this, index] { FailTask(index); });
        Compute(index + 1);
      });
}

void WorkerProcess::EndGrant() {
  if (grant_.has_value()) {
    network_->Call<bool>(
        this, kCallTimeout,
        [self = self_, lease = grant_->lease_id](server::CoordinatorCore& core, server::Reply<bool> reply) {
          core.Release(self, lease, std::nullopt, std::move(reply));
        },
        [](const absl::StatusOr<bool>&) {});
  }
  grant_.reset();
  revoked_.clear();
  Poll();
}

void WorkerProcess::Beat() {
  if (!grant_.has_value()) return;
  server::HeartbeatCommand command;
  command.worker = self_;
  command.leases.push_back({grant_->lease_id, 0, 0, steps_});
  const absl::Duration sent = timeline()->now();
  network_->Call<server::HeartbeatAnswer>(
      this, kCallTimeout,
      [command](server::CoordinatorCore& core, server::Reply<server::HeartbeatAnswer> reply) {
        core.Heartbeat(command, std::move(reply));
      },
      [this, sent, lease = grant_->lease_id](const absl::StatusOr<server::HeartbeatAnswer>& answer) {
        if (!grant_.has_value() || grant_->lease_id != lease) return;
        AbsorbBeat(sent, answer);
      });
}

void WorkerProcess::AbsorbBeat(absl::Duration sent, const absl::StatusOr<server::HeartbeatAnswer>& answer) {
  if (absl::IsFailedPrecondition(answer.status())) return Supersede();
  if (absl::IsNotFound(answer.status())) {
    lost_ = true;  // and the next poll registers again
    return;
  }
  if (answer.ok()) {
    const auto& renewed = answer->renewed_lease_ids;
    if (std::find(renewed.begin(), renewed.end(), grant_->lease_id) == renewed.end()) {
      lost_ = true;
      return;
    }
    deadline_ = std::max(deadline_, sent + kTtl);
    revoked_.insert(answer->revoked_task_ids.begin(), answer->revoked_task_ids.end());
  }
  After(answer.ok() ? kHeartbeat * (0.9 + 0.2 * random_->NextUnit()) : kRetry, [this] { Beat(); });
}

}  // namespace probesweep::simulation
