#include "bench/scale/simulated_worker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/version.h"
#include "worker/agent/convert.h"

namespace probesweep::bench {
namespace {

constexpr absl::Duration kPoll = absl::Seconds(20);  // as the worker's agent
constexpr absl::Duration kRetry = absl::Seconds(1);

bool MayPass(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNAVAILABLE ||
         status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
         status.error_code() == grpc::StatusCode::CANCELLED;
}

}  // namespace

SimulatedWorker::SimulatedWorker(std::string id, std::shared_ptr<grpc::Channel> channel, Fleet* fleet)
    : id_(std::move(id)), fleet_(fleet), calls_(std::move(channel), &fleet->loop) {
  identity_.set_worker_id(id_);
  identity_.set_incarnation(absl::StrCat("in-", fleet_->random()));
}

void SimulatedWorker::Begin() { Register(); }

void SimulatedWorker::Register() {
  v1::RegisterWorkerRequest request;
  *request.mutable_worker() = identity_;
  request.set_host("bench");
  request.set_device("cpu");
  request.set_version(Version());
  request.set_engine_version(EngineVersion());
  calls_.Register(std::move(request), [this](const Answer<v1::RegisterWorkerResponse>& answer) {
    if (!answer.status.ok()) return Retry(answer.status, &SimulatedWorker::Register);
    const bool first = heartbeat_interval_ == absl::ZeroDuration();
    heartbeat_interval_ = worker::FromProto(answer.response.heartbeat_interval());
    if (first) BeatAfter(heartbeat_interval_ * fleet_->NextUnit());
    Poll();
  });
}

void SimulatedWorker::Poll() {
  v1::LeaseTasksRequest request;
  *request.mutable_worker() = identity_;
  request.mutable_wait()->set_seconds(absl::ToInt64Seconds(kPoll));
  ++fleet_->figures.waiting;
  calls_.Lease(std::move(request), [this](const Answer<v1::LeaseTasksResponse>& answer) {
    --fleet_->figures.waiting;
    if (answer.status.error_code() == grpc::StatusCode::NOT_FOUND) return Register();
    if (!answer.status.ok()) return Retry(answer.status, &SimulatedWorker::Poll);
    if (!answer.response.has_grant()) return Poll();
    fleet_->figures.leases.Add(answer.latency);
    BeginPass(answer.response.grant());
  });
}

void SimulatedWorker::BeatAfter(absl::Duration interval) {
  fleet_->loop.After(interval * (0.9 + 0.2 * fleet_->NextUnit()), [this] {
    Beat();
    BeatAfter(heartbeat_interval_);
  });
}

void SimulatedWorker::Beat() {
  v1::HeartbeatRequest request;
  *request.mutable_worker() = identity_;
  if (pass_.has_value()) {
    v1::LeaseProgress& progress = *request.add_leases();
    progress.set_lease_id(pass_->grant.lease_id());
    progress.set_layers_done(pass_->committed);
    progress.set_layers_total(pass_->grant.tasks_size());
    progress.set_steps(absl::ToInt64Milliseconds(absl::Now() - pass_->started));
  }
  const std::string lease = pass_.has_value() ? pass_->grant.lease_id() : "";
  calls_.Heartbeat(std::move(request), [this, lease](const Answer<v1::HeartbeatResponse>& answer) {
    // Of a pass that is over by now it tells nothing.
    if (answer.status.ok() && pass_.has_value() && pass_->grant.lease_id() == lease) Absorb(answer);
    // As the agent: after one that failed the next one comes soon.
    if (!answer.status.ok()) Retry(answer.status, &SimulatedWorker::Beat);
    if (answer.status.ok()) fleet_->figures.heartbeats.Add(answer.latency);
  });
}

void SimulatedWorker::Absorb(const Answer<v1::HeartbeatResponse>& answer) {
  if (answer.response.renewed_lease_ids_size() > 0) return Decide(answer.sent, true);
  // The last commit may have been stored, its answer lost: it is asked again.
  if (pass_->committing && pass_->committed + 1 == pass_->grant.tasks_size()) return;
  if (pass_->committed == pass_->grant.tasks_size()) return;
  Decide(answer.sent, false);
  AbandonPass();
}

void SimulatedWorker::BeginPass(v1::Grant grant) {
  ++fleet_->figures.holding;
  pass_.emplace();
  pass_->grant = std::move(grant);
  pass_->configuration = worker::FromProto(pass_->grant.analysis()).Canonical();
  pass_->started = absl::Now();
  if (fleet_->rate > 0) {
    const double mean = fleet_->workers * pass_->grant.tasks_size() / fleet_->rate;
    pass_->duration = absl::Seconds(mean * (0.5 + fleet_->NextUnit()));
  }
  Beat();
  ScheduleCommit();
}

void SimulatedWorker::ScheduleCommit() {
  const double share = static_cast<double>(pass_->committed + 1) / pass_->grant.tasks_size();
  fleet_->loop.At(pass_->started + pass_->duration * share, [this, lease = pass_->grant.lease_id()] {
    if (pass_.has_value() && pass_->grant.lease_id() == lease) Commit();
  });
}

v1::CommitTaskRequest SimulatedWorker::NextCommit() const {
  const v1::GrantedTask& task = pass_->grant.tasks(pass_->committed);
  v1::CommitTaskRequest request;
  *request.mutable_worker() = identity_;
  request.set_lease_id(pass_->grant.lease_id());
  request.set_task_id(task.task_id());
  request.set_epoch(task.epoch());
  request.set_checkpoint_digest(Sha256Hex(pass_->grant.checkpoint().path()));
  v1::Provenance& provenance = *request.mutable_provenance();
  provenance.set_tokenizer_digest(Sha256Hex("no tokenizer"));
  provenance.set_dataset_digest(task.dimension().dataset_digest());
  provenance.set_configuration(pass_->configuration);
  provenance.set_engine_version(EngineVersion());
  provenance.set_device("cpu");
  provenance.set_dtype("fp32");
  return request;
}

void SimulatedWorker::Commit() {
  pass_->committing = true;
  const Fleet::Results& results = fleet_->results[fleet_->random() % fleet_->results.size()];
  const std::string lease = pass_->grant.lease_id();
  calls_.Commit(NextCommit(), results.serialized,
                [this, lease, rows = results.rows](const Answer<grpc::ByteBuffer>& answer) {
                  // A heartbeat may have found the lease lost meanwhile.
                  if (pass_.has_value() && pass_->grant.lease_id() == lease) EndCommit(answer, rows);
                });
}

void SimulatedWorker::EndCommit(const Answer<grpc::ByteBuffer>& answer, int rows) {
  if (MayPass(answer.status)) return Retry(answer.status, &SimulatedWorker::Commit);
  Decide(answer.sent, answer.status.ok());
  if (!answer.status.ok()) {
    ++fleet_->figures.refused_ever;
    ++fleet_->figures.errors[answer.status.error_message()];
    return AbandonPass();
  }
  fleet_->figures.commits.Add(answer.latency);
  fleet_->figures.rows += rows;
  ++fleet_->figures.commits_ever;
  pass_->committing = false;
  ++pass_->committed;
  if (pass_->committed < pass_->grant.tasks_size()) return ScheduleCommit();
  Release();
}

void SimulatedWorker::Release() {
  v1::ReleaseLeaseRequest request;
  *request.mutable_worker() = identity_;
  request.set_lease_id(pass_->grant.lease_id());
  request.mutable_statistics()->mutable_forward()->set_seconds(1);
  calls_.Release(std::move(request), [this](const Answer<v1::ReleaseLeaseResponse>& answer) {
    if (!answer.status.ok()) return Retry(answer.status, &SimulatedWorker::Release);
    --fleet_->figures.holding;
    pass_.reset();
    Poll();
  });
}

void SimulatedWorker::AbandonPass() {
  --fleet_->figures.holding;
  pass_.reset();
  Poll();
}

void SimulatedWorker::Mark() {
  if (!pass_.has_value() || pass_->committed == pass_->grant.tasks_size()) return;
  pass_->marked = true;
  marked_at_ = absl::Now();
  ++fleet_->figures.marked;
}

void SimulatedWorker::Decide(absl::Time sent, bool kept) {
  if (!pass_->marked || sent < marked_at_) return;
  pass_->marked = false;
  ++(kept ? fleet_->figures.kept : fleet_->figures.lost);
}

void SimulatedWorker::Retry(const grpc::Status& status, void (SimulatedWorker::*ask)()) {
  ++fleet_->figures.errors[absl::StrCat("code ", static_cast<int>(status.error_code()))];
  fleet_->loop.After(kRetry * (0.5 + fleet_->NextUnit()), [this, ask] { (this->*ask)(); });
}

}  // namespace probesweep::bench
