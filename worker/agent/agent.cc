#include "worker/agent/agent.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/backoff.h"
#include "common/log_fields.h"
#include "common/logging.h"
#include "common/status.h"
#include "common/version.h"
#include "worker/agent/convert.h"
#include "worker/agent/grant_observer.h"
#include "worker/agent/outcome_fields.h"
#include "worker/agent/outcome_sender.h"

namespace probesweep::worker {
namespace {

// The call says nothing about what was asked: it did not come through.
bool CoordinatorAway(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

}  // namespace

Agent::Agent(Options options, CoordinatorClient* client, Engine* engine, Clock* clock, RandomSource* random)
    : options_(std::move(options)),
      client_(client),
      engine_(engine),
      clock_(clock),
      random_(random),
      blobs_(client, options_.blob_cache_bytes) {
  identity_.set_worker_id(options_.worker_id);
  identity_.set_incarnation(RandomId("inc", 16, *random));
  if (options_.spool != nullptr) {
    replay_ = std::make_unique<SpoolReplay>(
        options_.spool, SpoolReplay::Tools{client_, clock_, random_, [this](absl::Duration duration) {
                                             return SleepUnlessStopped(duration);
                                           }});
  }
}

Agent::~Agent() {
  if (leases_ != nullptr) leases_->Stop();
}

void Agent::RequestDrain() {
  drain_ = true;
  EndWaiting();
}

void Agent::RequestStop() {
  stop_ = true;
  if (replay_ != nullptr) replay_->Stop();
  if (LeaseKeeper* keeper = keeper_) keeper->StopWaiting();
  EndWaiting();
}

void Agent::EndWaiting() {
  client_->CancelLease();
  absl::MutexLock lock(&pause_mutex_);
  pause_ended_.SignalAll();
}

void Agent::Pause(absl::Duration duration) {
  absl::MutexLock lock(&pause_mutex_);
  pause_ended_.AwaitWithTimeout(&pause_mutex_, absl::Condition(this, &Agent::ending), duration);
}

bool Agent::SleepUnlessStopped(absl::Duration duration) {
  absl::MutexLock lock(&pause_mutex_);
  return !pause_ended_.AwaitWithTimeout(&pause_mutex_, absl::Condition(this, &Agent::stopped), duration);
}

absl::Status Agent::Register() {
  v1::RegisterWorkerRequest request;
  *request.mutable_worker() = identity_;
  request.set_host(options_.host);
  request.set_device(engine_->device());
  request.set_version(Version());
  request.set_engine_version(EngineVersion());
  PS_ASSIGN_OR_RETURN(const v1::RegisterWorkerResponse response, client_->Register(request));
  if (leases_ == nullptr) {
    LeaseKeeper::Options options;
    options.interval = FromProto(response.heartbeat_interval());
    options.lease_ttl = FromProto(response.lease_ttl());
    options.publish_margin = std::min(options.publish_margin, options.lease_ttl / 4);
    options.retry_interval = std::min(options.retry_interval, options.interval);
    leases_ = std::make_unique<LeaseKeeper>(options, identity_, client_, clock_, random_);
    publisher_ = std::make_unique<Publisher>(
        identity_,
        OutcomeSender(client_, leases_.get(), random_,
                      [this](absl::Duration duration) { return SleepUnlessStopped(duration); }),
        options_.spool);
    keeper_ = leases_.get();
    if (stop_) leases_->StopWaiting();  // requested before keeper_ was there
    leases_->Start([this](LeaseKeeper::Verdict verdict) {
      if (verdict == LeaseKeeper::Verdict::kSuperseded) superseded_ = true;
      if (verdict == LeaseKeeper::Verdict::kRegisterAgain) register_again_ = true;
    });
  }
  register_again_ = false;
  spdlog::info("registered as {} on {}{}", options_.worker_id, engine_->device(),
               LogFields({{"worker", options_.worker_id}}));
  return absl::OkStatus();
}

absl::Status Agent::RegisterWithPatience() {
  const absl::Duration give_up = clock_->Steady() + options_.startup_patience;
  for (int attempt = 1;; ++attempt) {
    const absl::Status status = Register();
    if (status.ok() || !CoordinatorAway(status)) return status;
    if (ending() || clock_->Steady() >= give_up) return status;
    spdlog::warn("{}; will try again{}", status.message(), LogFields({{"worker", options_.worker_id}}));
    Pause(BackoffDelay(BackoffOptions(), attempt, *random_));
  }
}

absl::StatusOr<v1::Grant> Agent::NextGrant() {
  if (register_again_) PS_RETURN_IF_ERROR(Register());
  v1::LeaseTasksRequest request;
  *request.mutable_worker() = identity_;
  *request.mutable_wait() = ToProto(options_.lease_wait);
  const absl::Duration sent = clock_->Steady();
  absl::StatusOr<v1::LeaseTasksResponse> response = client_->Lease(request);
  if (absl::IsNotFound(response.status())) register_again_ = true;
  PS_RETURN_IF_ERROR(response.status());
  if (response->drain()) drain_ = true;
  if (response->has_grant()) leases_->Track(response->grant().lease_id(), sent);
  return response->grant();
}

void Agent::ReturnUnseenGrant() {
  v1::LeaseTasksRequest request;
  *request.mutable_worker() = identity_;
  const absl::StatusOr<v1::LeaseTasksResponse> response = client_->Lease(request);
  if (response.ok() && response->has_grant())
    Release(response->grant(), PassStatistics(), absl::ZeroDuration());
}

absl::Status Agent::Run() {
  if (replay_ != nullptr) {
    const absl::Status replayed = replay_->Run(options_.startup_patience);
    if (!replayed.ok() && !absl::IsCancelled(replayed)) return replayed;
  }
  if (ending()) return absl::OkStatus();
  PS_RETURN_IF_ERROR(RegisterWithPatience());
  Work();
  leases_->Stop();
  if (const int waiting = publisher_->Waiting(); waiting > 0) {
    spdlog::warn(
        "{} outcomes are not accepted yet; they stay in {} and are sent when this worker starts again{}",
        waiting, options_.spool->folder(), LogFields({{"worker", options_.worker_id}}));
  }
  if (superseded_) {
    return absl::FailedPreconditionError(absl::StrCat("another process registered as worker ",
                                                      options_.worker_id, "; give this one its own --id"));
  }
  return absl::OkStatus();
}

void Agent::Work() {
  for (int failures = 0; !ending();) {
    drain_ = drain_ || leases_->drain_requested();
    if (drain_) break;
    const absl::StatusOr<v1::Grant> grant = NextGrant();
    if (!grant.ok()) {
      if (absl::IsFailedPrecondition(grant.status())) superseded_ = true;
      if (ending()) {
        if (absl::IsCancelled(grant.status())) ReturnUnseenGrant();
        break;
      }
      spdlog::warn("no work from the coordinator, will try again: {}{}", grant.status().message(),
                   LogFields({{"worker", options_.worker_id}}));
      Pause(BackoffDelay(BackoffOptions(), ++failures, *random_));
      continue;
    }
    if (grant->tasks_size() > 0 && !RunGrant(*grant)) {
      Pause(BackoffDelay(BackoffOptions(), ++failures, *random_));
      continue;
    }
    failures = 0;
  }
}

absl::Status Agent::FillRequest(const v1::Grant& grant, GrantObserver& observer, PassRequest& request) {
  request.checkpoint_path = grant.checkpoint().path();
  request.model = grant.model();
  request.checkpoint = grant.checkpoint().name();
  request.analysis = FromProto(grant.analysis());
  for (int index = 0; index < grant.tasks_size(); ++index) {
    PassDimension dimension = FromProto(grant.tasks(index).dimension());
    absl::StatusOr<std::string> csv = blobs_.Get(dimension.dataset_digest);
    if (CoordinatorAway(csv.status()) || absl::IsCancelled(csv.status())) return csv.status();
    if (!csv.ok()) {
      // Damage to the coordinator's copy is no fault of the checkpoint's.
      const absl::Status status =
          absl::IsDataLoss(csv.status()) ? absl::UnavailableError(csv.status().message()) : csv.status();
      observer.EndTask(index, Annotate(status, absl::StrCat("fetching dataset '", dimension.dataset, "'")));
      continue;
    }
    dimension.dataset_csv = *std::move(csv);
    request.dimensions.push_back(std::move(dimension));
    observer.AddDimension(index);
  }
  return absl::OkStatus();
}

bool Agent::RunGrant(const v1::Grant& grant) {
  GrantObserver observer(
      {options_.worker_id, leases_.get(), publisher_.get(), clock_, [this] { return stopped(); }}, grant);
  PassRequest request;
  PassStatistics statistics;
  absl::Status status = Annotate(FillRequest(grant, observer, request), "fetching datasets");
  const bool coordinator_away = CoordinatorAway(status);
  if (status.ok() && !request.dimensions.empty()) {
    spdlog::info("pass over {}: {} dimensions{}", request.checkpoint_path, request.dimensions.size(),
                 FieldsOf(options_.worker_id, grant));
    absl::StatusOr<PassStatistics> pass = engine_->RunPass(request, observer);
    status = pass.status();
    if (pass.ok()) statistics = *pass;
  }
  if (coordinator_away) {
    // No fault of the tasks: they go back uncounted.
    spdlog::warn("pass over {} not begun: {}{}", grant.checkpoint().path(), status.message(),
                 FieldsOf(options_.worker_id, grant));
  } else if (!status.ok() && !absl::IsCancelled(status)) {
    observer.FailRest(status);
  }
  EndLease(grant, statistics, observer.publishing_time());
  return !coordinator_away;
}

void Agent::EndLease(const v1::Grant& grant, const PassStatistics& statistics, absl::Duration publishing) {
  const absl::Duration start = clock_->Steady();
  const absl::Status flushed = publisher_->Flush();
  // Outcomes in the spool are accepted under this lease alone, by a next process that starts before it ends.
  if (!flushed.ok() && publisher_->Waiting() > 0) return;
  Release(grant, statistics, publishing + clock_->Steady() - start);
  leases_->Forget(grant.lease_id());
}

void Agent::Release(const v1::Grant& grant, const PassStatistics& statistics, absl::Duration commit) {
  v1::ReleaseLeaseRequest request;
  *request.mutable_worker() = identity_;
  request.set_lease_id(grant.lease_id());
  *request.mutable_statistics() = ToProto(statistics, commit);
  const absl::Status status = client_->Release(request);
  if (!status.ok())
    spdlog::warn("lease {} not released; it will expire: {}{}", grant.lease_id(), status.message(),
                 FieldsOf(options_.worker_id, grant));
}

}  // namespace probesweep::worker
