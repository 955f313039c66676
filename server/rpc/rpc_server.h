#ifndef PROBESWEEP_SERVER_RPC_RPC_SERVER_H_
#define PROBESWEEP_SERVER_RPC_RPC_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/rpc/rpc_observer.h"
#include "server/rpc/sweep_service.h"
#include "server/rpc/worker_service.h"

namespace probesweep::server {

struct RpcServerOptions {
  std::string host = "127.0.0.1";
  int port = 7077;  // 0: any free one
};

// Both services, gRPC health and reflection on one port, without TLS. Thread-safe.
class RpcServer {
 public:
  // Errors: UNAVAILABLE naming the address (in use, not of this machine).
  static absl::StatusOr<std::unique_ptr<RpcServer>> Start(const RpcServerOptions& options,
                                                          const RpcDependencies& dependencies, Clock* clock,
                                                          RpcObserver observer);
  // Shuts down without grace.
  ~RpcServer();
  RpcServer(const RpcServer&) = delete;
  RpcServer& operator=(const RpcServer&) = delete;

  // "host:port" with the port really listened on.
  const std::string& address() const { return address_; }

  // What the health service says of the whole server and of each service.
  void SetServing(bool serving);

  // Takes no more calls, gives those in progress `grace` to end, then cancels them. Returns when none is
  // left. What calls wait for (coordinator's replies, executor's jobs) must still come. May be repeated.
  void Shutdown(absl::Duration grace);

 private:
  explicit RpcServer(const RpcDependencies& dependencies)
      : sweep_service_(dependencies), worker_service_(dependencies) {}

  SweepServiceImpl sweep_service_;
  WorkerServiceImpl worker_service_;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;  // last: ends before what it calls
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_RPC_RPC_SERVER_H_
