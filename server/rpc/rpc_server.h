#ifndef PROBESWEEP_SERVER_RPC_RPC_SERVER_H_
#define PROBESWEEP_SERVER_RPC_RPC_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/tls_files.h"
#include "server/auth/audit_log.h"
#include "server/auth/authenticator.h"
#include "server/rpc/listener.h"
#include "server/rpc/rpc_observer.h"
#include "server/rpc/sweep_service.h"
#include "server/rpc/worker_service.h"

namespace probesweep::server {

struct RpcServerOptions {
  ListenerOptions listener;
  TlsFiles tls;  // without a certificate: plain text; with a CA: clients must have certificates of it
  // For a peer that connected to finish its TLS and HTTP/2 handshakes: idle connections must not use up the
  // limit. A worker far away on a busy machine needs a second or two.
  absl::Duration handshake_timeout = absl::Seconds(10);
  // A connection without calls is closed after so long; clients open it again unnoticed. Agents always have a
  // call.
  absl::Duration idle_timeout = absl::Minutes(2);
};

// What looks at calls from outside the handlers. Nothing is owned.
struct RpcWatchers {
  Clock* clock = nullptr;
  RpcObserver observer;
  const Authenticator* authenticator = nullptr;
  AuditLog* audit = nullptr;
};

// Both services, gRPC health and reflection on one port. Thread-safe.
class RpcServer {
 public:
  // The files of `options.tls` have been checked. Errors: as of Listener::Bind.
  static absl::StatusOr<std::unique_ptr<RpcServer>> Start(const RpcServerOptions& options,
                                                          const RpcDependencies& dependencies,
                                                          const RpcWatchers& watchers);
  // Shuts down without grace.
  ~RpcServer();
  RpcServer(const RpcServer&) = delete;
  RpcServer& operator=(const RpcServer&) = delete;

  // "host:port" with the port really listened on.
  const std::string& address() const { return listener_->address(); }
  int port() const { return listener_->port(); }

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
  std::unique_ptr<grpc::Server> server_;  // ends before what it calls
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  std::unique_ptr<Listener> listener_;  // last: ends before what it hands connections to
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_RPC_RPC_SERVER_H_
