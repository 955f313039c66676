#ifndef PROBESWEEP_COMMON_RPC_GRPC_LOG_H_
#define PROBESWEEP_COMMON_RPC_GRPC_LOG_H_

namespace probesweep {

// Sends gRPC's own lines where ours go, one level down: what concerns the operator is in our errors already.
// Call once from main, after InitLogging.
void RouteGrpcLog();

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_RPC_GRPC_LOG_H_
