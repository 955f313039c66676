#ifndef PROBESWEEP_WORKER_AGENT_GRPC_COORDINATOR_CLIENT_H_
#define PROBESWEEP_WORKER_AGENT_GRPC_COORDINATOR_CLIENT_H_

#include <memory>
#include <string>

#include "worker/agent/coordinator_client.h"

namespace probesweep::worker {

// A client of WorkerService at `address` ("host:port"). Connects lazily and reconnects by itself; every call
// has a deadline. Without TLS: the coordinator listens on loopback, or was told --insecure.
std::unique_ptr<CoordinatorClient> MakeGrpcCoordinatorClient(const std::string& address);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_AGENT_GRPC_COORDINATOR_CLIENT_H_
