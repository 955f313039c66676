#include "server/rpc/convert_workers.h"

#include <algorithm>

#include "server/rpc/convert_sweeps.h"
#include "server/rpc/convert_time.h"

namespace probesweep::server {
namespace {

// Errors are kept in memory and shown in lists: a worker's stack trace must not fill either.
constexpr size_t kMaxErrorBytes = 4096;
// Longer than any pass; keeps nonsense out of sums that never forget.
constexpr absl::Duration kLongestStage = absl::Hours(24 * 30);
// A hint, compared with every checkpoint that waits: more than a disk holds help nobody.
constexpr int kMaxCachedPaths = 1'000;

void GrantToProto(const Grant& grant, v1::Grant& out) {
  out.set_lease_id(grant.lease_id);
  out.set_sweep_id(grant.sweep_id);
  out.set_model(grant.model);
  ToProto(grant.checkpoint, *out.mutable_checkpoint());
  ToProto(grant.analysis, *out.mutable_analysis());
  for (const GrantedTask& task : grant.tasks) {
    v1::GrantedTask& added = *out.add_tasks();
    added.set_task_id(task.task_id);
    added.set_epoch(task.epoch);
    ToProto(task.dimension, *added.mutable_dimension());
  }
  ToProto(grant.ttl, *out.mutable_ttl());
}

std::string Shorten(const std::string& text) {
  if (text.size() <= kMaxErrorBytes) return text;
  size_t end = kMaxErrorBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

absl::Duration Stage(const google::protobuf::Duration& duration) {
  return std::clamp(FromProto(duration), absl::ZeroDuration(), kLongestStage);
}

}  // namespace

WorkerRef FromProto(const v1::WorkerIdentity& worker) { return {worker.worker_id(), worker.incarnation()}; }

RegisterCommand FromProto(const v1::RegisterWorkerRequest& request) {
  return {FromProto(request.worker()), request.host(), request.device(), request.version(),
          request.engine_version()};
}

LeaseCommand FromProto(const v1::LeaseTasksRequest& request) {
  const auto& paths = request.cached_checkpoints();
  const auto end = paths.begin() + std::min(paths.size(), kMaxCachedPaths);
  return {FromProto(request.worker()), FromProto(request.wait()), {paths.begin(), end}};
}

HeartbeatCommand FromProto(const v1::HeartbeatRequest& request) {
  HeartbeatCommand command{FromProto(request.worker()), {}};
  for (const v1::LeaseProgress& lease : request.leases()) {
    command.leases.push_back({lease.lease_id(), lease.layers_done(), lease.layers_total(), lease.steps()});
  }
  return command;
}

Outcome OutcomeOf(const v1::CommitTaskRequest& request) {
  Outcome outcome;
  outcome.checkpoint_digest = request.checkpoint_digest();
  const v1::Provenance& provenance = request.provenance();
  outcome.provenance = {provenance.tokenizer_digest(), provenance.dataset_digest(),
                        provenance.configuration(),    provenance.engine_version(),
                        provenance.device(),           provenance.dtype()};
  for (const v1::LayerResult& result : request.results()) {
    outcome.rows.push_back(
        {result.layer(), result.protocol(), ResultValues(result.values().begin(), result.values().end())});
  }
  for (const v1::ArtifactRef& artifact : request.artifacts()) {
    outcome.artifacts.push_back({artifact.kind(), artifact.digest(), artifact.size_bytes()});
  }
  return outcome;
}

absl::StatusOr<Failure> FailureOf(const v1::FailTaskRequest& request) {
  Failure failure{FailureKind::kTransient, Shorten(request.error())};
  switch (request.kind()) {
    case v1::FAILURE_KIND_PERMANENT:
      failure.kind = FailureKind::kPermanent;
      break;
    case v1::FAILURE_KIND_CHECKPOINT_CORRUPT:
      failure.kind = FailureKind::kCheckpointCorrupt;
      break;
    case v1::FAILURE_KIND_LEASE_LOST:
      return absl::InvalidArgumentError("field `kind`: LEASE_LOST is for the coordinator to set");
    default:
      break;
  }
  return failure;
}

std::optional<PassStatistics> StatisticsOf(const v1::ReleaseLeaseRequest& request) {
  if (!request.has_statistics()) return std::nullopt;
  const v1::PassStatistics& in = request.statistics();
  PassStatistics out;
  out.load = Stage(in.load());
  out.tokenize = Stage(in.tokenize());
  out.forward = Stage(in.forward());
  out.analyse = Stage(in.analyse());
  out.commit = Stage(in.commit());
  out.tokens = std::max<int64_t>(in.tokens(), 0);
  out.statements = std::max<int64_t>(in.statements(), 0);
  out.bytes_read = std::max<int64_t>(in.bytes_read(), 0);
  return out;
}

void ToProto(const RegisterAnswer& answer, v1::RegisterWorkerResponse& out) {
  ToProto(answer.heartbeat, *out.mutable_heartbeat_interval());
  ToProto(answer.lease_ttl, *out.mutable_lease_ttl());
}

void ToProto(const LeaseAnswer& answer, v1::LeaseTasksResponse& out) {
  if (answer.grant.has_value()) GrantToProto(*answer.grant, *out.mutable_grant());
  out.set_drain(answer.drain);
}

void ToProto(const HeartbeatAnswer& answer, v1::HeartbeatResponse& out) {
  for (const std::string& id : answer.renewed_lease_ids) out.add_renewed_lease_ids(id);
  for (const std::string& id : answer.revoked_task_ids) out.add_revoked_task_ids(id);
  out.set_drain(answer.drain);
}

void ToProto(const CommitAnswer& answer, v1::CommitTaskResponse& out) {
  out.set_already_committed(answer.already_committed);
}

}  // namespace probesweep::server
