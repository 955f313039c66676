// What the agent asks of the coordinator, one call each. The gRPC implementation and the tests' fake stand
// behind the same interface.
#ifndef PROBESWEEP_WORKER_AGENT_COORDINATOR_CLIENT_H_
#define PROBESWEEP_WORKER_AGENT_COORDINATOR_CLIENT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "probesweep/v1/worker_service.pb.h"

namespace probesweep::worker {

// Thread-safe. Errors are those of worker_service.proto; each call makes one attempt.
class CoordinatorClient {
 public:
  virtual ~CoordinatorClient() = default;
  virtual absl::StatusOr<v1::RegisterWorkerResponse> Register(const v1::RegisterWorkerRequest& request) = 0;
  virtual absl::StatusOr<v1::LeaseTasksResponse> Lease(const v1::LeaseTasksRequest& request) = 0;
  virtual absl::StatusOr<v1::HeartbeatResponse> Heartbeat(const v1::HeartbeatRequest& request) = 0;
  virtual absl::StatusOr<v1::CommitTaskResponse> Commit(const v1::CommitTaskRequest& request) = 0;
  virtual absl::Status Fail(const v1::FailTaskRequest& request) = 0;
  virtual absl::Status Release(const v1::ReleaseLeaseRequest& request) = 0;
  // The blob's bytes, checked against the digest.
  virtual absl::StatusOr<std::string> FetchBlob(const std::string& digest) = 0;
  virtual absl::Status PutArtifact(const std::string& digest, absl::string_view bytes) = 0;
  // Ends a Lease in progress, if there is one, with CANCELLED.
  virtual void CancelLease() = 0;
  // Ends every call in progress with CANCELLED; later calls fail at once.
  virtual void Shutdown() = 0;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_AGENT_COORDINATOR_CLIENT_H_
