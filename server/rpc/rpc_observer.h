// Watches calls from outside the handlers.
#ifndef PROBESWEEP_SERVER_RPC_RPC_OBSERVER_H_
#define PROBESWEEP_SERVER_RPC_RPC_OBSERVER_H_

#include <grpcpp/support/server_interceptor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/clock.h"

namespace probesweep::server {

// Called when a call's status is sent: method as "SweepService/GetSweep", or "other" for those that are not
// ProbeSweep's (health, reflection); the time since the call came. From any thread; must return at once.
using RpcObserver =
    std::function<void(const std::string& method, absl::StatusCode code, absl::Duration duration)>;

// Every method of both services, as an RpcObserver sees it.
std::vector<std::string> RpcMethods();

// A method as an RpcObserver sees it, of gRPC's "/probesweep.v1.SweepService/GetSweep".
std::string ObservedMethod(absl::string_view path);

// For ServerBuilder. Nothing passed is owned.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> ObserveRpcs(Clock* clock,
                                                                                   RpcObserver observer);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_RPC_RPC_OBSERVER_H_
