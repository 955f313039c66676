// Between worker_service messages and the domain.
#ifndef PROBESWEEP_SERVER_RPC_CONVERT_WORKERS_H_
#define PROBESWEEP_SERVER_RPC_CONVERT_WORKERS_H_

#include <optional>

#include "absl/status/statusor.h"
#include "probesweep/v1/worker_service.pb.h"
#include "server/domain/outcome.h"
#include "server/service/commands.h"

namespace probesweep::server {

WorkerRef FromProto(const v1::WorkerIdentity& worker);
RegisterCommand FromProto(const v1::RegisterWorkerRequest& request);
LeaseCommand FromProto(const v1::LeaseTasksRequest& request);
HeartbeatCommand FromProto(const v1::HeartbeatRequest& request);
// The claim of a CommitTaskRequest or a FailTaskRequest.
template <typename Request>
TaskClaim ClaimOf(const Request& request) {
  return {FromProto(request.worker()), request.lease_id(), request.task_id(), request.epoch()};
}
Outcome OutcomeOf(const v1::CommitTaskRequest& request);
// Errors: INVALID_ARGUMENT for a kind that only the coordinator sets. A kind of a newer worker counts as
// transient: the task is tried again. A long error is cut.
absl::StatusOr<Failure> FailureOf(const v1::FailTaskRequest& request);
// Absent when the request has none. What cannot be (negative, not a time) counts as nothing.
std::optional<PassStatistics> StatisticsOf(const v1::ReleaseLeaseRequest& request);

void ToProto(const RegisterAnswer& answer, v1::RegisterWorkerResponse& out);
void ToProto(const LeaseAnswer& answer, v1::LeaseTasksResponse& out);
void ToProto(const HeartbeatAnswer& answer, v1::HeartbeatResponse& out);
void ToProto(const CommitAnswer& answer, v1::CommitTaskResponse& out);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_RPC_CONVERT_WORKERS_H_
