// The one place that turns our errors into gRPC's.
#ifndef PROBESWEEP_SERVER_RPC_STATUS_H_
#define PROBESWEEP_SERVER_RPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace probesweep::server {

// Keeps code and message. The message travels in a header, where peers accept 8 KiB: a longer one is cut.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_RPC_STATUS_H_
