// How a handler of one request and one response asks the coordinator.
#ifndef PROBESWEEP_SERVER_RPC_UNARY_H_
#define PROBESWEEP_SERVER_RPC_UNARY_H_

#include <grpcpp/grpcpp.h>

#include <string>
#include <type_traits>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "server/rpc/convert_sweeps.h"
#include "server/rpc/convert_workers.h"
#include "server/rpc/status.h"
#include "server/scheduling/folder_view.h"
#include "server/service/coordinator.h"
#include "server/service/executor.h"
#include "server/store/blob_store.h"
#include "server/store/store.h"

namespace probesweep::server {

// What handlers work with. Nothing is owned.
struct RpcDependencies {
  Coordinator* coordinator = nullptr;
  Executor* executor = nullptr;
  Store* store = nullptr;
  BlobStore* blobs = nullptr;
  const FolderView* folders = nullptr;
};

// A reply that ends the call. `response` stays valid until then. An answer of bool or std::string says no
// more than that it went well.
template <typename T, typename Response>
Reply<T> FinishWith(grpc::ServerUnaryReactor* reactor, Response* response) {
  return [reactor, response](absl::StatusOr<T> answer) {
    if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::string>) {
      static_cast<void>(response);  // has nothing to say
    } else if (answer.ok()) {
      ToProto(*answer, *response);
    }
    reactor->Finish(ToGrpcStatus(answer.status()));
  };
}

// Runs `ask` on the coordinator's thread with a reply that ends the call.
template <typename T, typename Response>
void Ask(Coordinator& coordinator, grpc::ServerUnaryReactor* reactor, Response* response,
         absl::AnyInvocable<void(CoordinatorCore&, Reply<T>)> ask) {
  const absl::Status posted =
      coordinator.Post([ask = std::move(ask), reactor, response](CoordinatorCore& core) mutable {
        ask(core, FinishWith<T>(reactor, response));
      });
  if (!posted.ok()) reactor->Finish(ToGrpcStatus(posted));
}

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_RPC_UNARY_H_
