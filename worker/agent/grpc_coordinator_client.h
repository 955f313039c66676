#ifndef PROBESWEEP_WORKER_AGENT_GRPC_COORDINATOR_CLIENT_H_
#define PROBESWEEP_WORKER_AGENT_GRPC_COORDINATOR_CLIENT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/channel_security.h"
#include "worker/agent/coordinator_client.h"

namespace probesweep::worker {

// A client of WorkerService at `addresses` ("host:port"), of which one leads. Calls go to the one that
// answered last; when it does not, the next call goes to the next one, round and round. Connects lazily and
// reconnects by itself; every call has a deadline. Errors: as of ChannelFactory.
absl::StatusOr<std::unique_ptr<CoordinatorClient>> MakeGrpcCoordinatorClient(
    const std::vector<std::string>& addresses, const ChannelSecurity& security = {});

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_AGENT_GRPC_COORDINATOR_CLIENT_H_
