#include "worker/agent/lease_keeper.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log_fields.h"
#include "common/logging.h"

namespace probesweep::worker {

LeaseKeeper::LeaseKeeper(Options options, v1::WorkerIdentity worker, CoordinatorClient* client, Clock* clock,
                         RandomSource* random)
    : options_(options), worker_(std::move(worker)), client_(client), clock_(clock), random_(random) {}

LeaseKeeper::~LeaseKeeper() { Stop(); }

void LeaseKeeper::Start(std::function<void(Verdict)> on_verdict) {
  thread_ = std::thread([this, on_verdict = std::move(on_verdict)] { Loop(on_verdict); });
}

void LeaseKeeper::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.SignalAll();
  }
  if (thread_.joinable()) thread_.join();
}

void LeaseKeeper::StopWaiting() {
  absl::MutexLock lock(&mutex_);
  waiting_ended_ = true;
  changed_.SignalAll();
}

void LeaseKeeper::Loop(const std::function<void(Verdict)>& on_verdict) {
  absl::Duration wait = options_.interval;
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      changed_.AwaitWithTimeout(&mutex_, absl::Condition(this, &LeaseKeeper::Awaited),
                                wait * (0.9 + 0.2 * random_->NextUnit()));
      if (stopping_) return;
      beat_now_ = false;
    }
    const absl::Duration before = clock_->Steady();
    const Verdict verdict = Beat();
    if (verdict != Verdict::kGoOn) on_verdict(verdict);
    absl::MutexLock lock(&mutex_);
    bool renewed = true;
    for (const auto& [id, lease] : leases_)
      renewed = renewed && (lease.lost || lease.deadline >= before + options_.lease_ttl);
    wait = renewed ? options_.interval : options_.retry_interval;
  }
}

v1::HeartbeatRequest LeaseKeeper::BuildRequest() const {
  v1::HeartbeatRequest request;
  *request.mutable_worker() = worker_;
  absl::MutexLock lock(&mutex_);
  for (const auto& [id, lease] : leases_) {
    if (lease.lost) continue;
    v1::LeaseProgress& progress = *request.add_leases();
    progress.set_lease_id(id);
    progress.set_layers_done(lease.layers_done);
    progress.set_layers_total(lease.layers_total);
    progress.set_steps(lease.steps);
  }
  return request;
}

LeaseKeeper::Verdict LeaseKeeper::Beat() {
  const v1::HeartbeatRequest request = BuildRequest();
  const absl::Duration sent = clock_->Steady();
  const absl::StatusOr<v1::HeartbeatResponse> response = client_->Heartbeat(request);
  if (response.ok()) {
    Absorb(request, *response, sent);
    return Verdict::kGoOn;
  }
  if (absl::IsNotFound(response.status()) || absl::IsFailedPrecondition(response.status())) {
    LoseAll();
    return absl::IsNotFound(response.status()) ? Verdict::kRegisterAgain : Verdict::kSuperseded;
  }
  spdlog::warn("heartbeat failed, will try again: {}{}", response.status().message(),
               LogFields({{"worker", worker_.worker_id()}}));
  return Verdict::kGoOn;
}

void LeaseKeeper::LoseAll() {
  absl::MutexLock lock(&mutex_);
  for (auto& [id, lease] : leases_) lease.lost = true;
  changed_.SignalAll();
}

void LeaseKeeper::Absorb(const v1::HeartbeatRequest& request, const v1::HeartbeatResponse& response,
                         absl::Duration sent) {
  const std::set<std::string> renewed(response.renewed_lease_ids().begin(),
                                      response.renewed_lease_ids().end());
  absl::MutexLock lock(&mutex_);
  for (const v1::LeaseProgress& asked : request.leases()) {
    const auto lease = leases_.find(asked.lease_id());
    if (lease == leases_.end()) continue;
    if (renewed.count(asked.lease_id()) > 0) {
      lease->second.deadline = sent + options_.lease_ttl;
    } else {
      lease->second.lost = true;
    }
  }
  revoked_.insert(response.revoked_task_ids().begin(), response.revoked_task_ids().end());
  drain_ = drain_ || response.drain();
  changed_.SignalAll();
}

void LeaseKeeper::Track(const std::string& lease_id, absl::Duration sent) {
  absl::MutexLock lock(&mutex_);
  leases_[lease_id].deadline = sent + options_.lease_ttl;
  beat_now_ = true;
  changed_.SignalAll();
}

void LeaseKeeper::TrackUnconfirmed(const std::string& lease_id) {
  absl::MutexLock lock(&mutex_);
  leases_[lease_id].deadline = clock_->Steady();
}

void LeaseKeeper::Forget(const std::string& lease_id) {
  absl::MutexLock lock(&mutex_);
  leases_.erase(lease_id);
  if (leases_.empty()) revoked_.clear();
}

void LeaseKeeper::ReportProgress(const std::string& lease_id, int layers_done, int layers_total) {
  absl::MutexLock lock(&mutex_);
  const auto lease = leases_.find(lease_id);
  if (lease == leases_.end()) return;
  lease->second.layers_done = layers_done;
  lease->second.layers_total = layers_total;
}

void LeaseKeeper::CountStep(const std::string& lease_id) {
  absl::MutexLock lock(&mutex_);
  const auto lease = leases_.find(lease_id);
  if (lease != leases_.end()) ++lease->second.steps;
}

absl::Status LeaseKeeper::AwaitPublishable(const std::string& lease_id) {
  absl::MutexLock lock(&mutex_);
  bool told = false;
  while (true) {
    if (stopping_) return absl::CancelledError("the worker is stopping");
    const auto lease = leases_.find(lease_id);
    if (lease == leases_.end() || lease->second.lost) {
      return absl::AbortedError(absl::StrCat("lease ", lease_id, " is lost"));
    }
    if (Publishable(lease->second)) return absl::OkStatus();
    if (waiting_ended_) return absl::CancelledError("the worker is stopping");
    if (!told)
      spdlog::warn("lease {} is not confirmed; holding its results until the coordinator answers{}", lease_id,
                   LogFields({{"lease", lease_id}, {"worker", worker_.worker_id()}}));
    told = true;
    changed_.WaitWithTimeout(&mutex_, options_.retry_interval);
  }
}

bool LeaseKeeper::Doubtful(const std::string& lease_id) const {
  absl::MutexLock lock(&mutex_);
  const auto lease = leases_.find(lease_id);
  return lease != leases_.end() && !lease->second.lost && !Publishable(lease->second);
}

bool LeaseKeeper::Lost(const std::string& lease_id) const {
  absl::MutexLock lock(&mutex_);
  const auto lease = leases_.find(lease_id);
  return lease == leases_.end() || lease->second.lost;
}

bool LeaseKeeper::Revoked(const std::string& task_id) const {
  absl::MutexLock lock(&mutex_);
  return revoked_.count(task_id) > 0;
}

bool LeaseKeeper::drain_requested() const {
  absl::MutexLock lock(&mutex_);
  return drain_;
}

}  // namespace probesweep::worker
