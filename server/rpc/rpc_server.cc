#include "server/rpc/rpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "common/status.h"
#include "server/rpc/call_audit.h"
#include "server/rpc/login.h"

namespace probesweep::server {
namespace {

// A sweep of some ten thousand checkpoints is the largest message.
constexpr int kMaxMessageBytes = 64 << 20;

// A login has one line; a status message, the longest header that we send, travels the other way.
constexpr int kMaxMetadataBytes = 8 << 10;
// Of one connection. A worker has three at most; simulations put a thousand on one.
constexpr int kMaxStreams = 1'024;

// Global switches of gRPC, set once before the first server is built.
void EnableHealthAndReflection() {
  static std::once_flag once;
  std::call_once(once, [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
}

void SetLimits(const RpcServerOptions& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.SetMaxSendMessageSize(kMaxMessageBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreams);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             static_cast<int>(absl::ToInt64Milliseconds(options.handshake_timeout)));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS,
                             static_cast<int>(absl::ToInt64Milliseconds(options.idle_timeout)));
  // Clients ping every 20 s, also between calls; more often than this is abuse.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // A peer whose machine died without a word is noticed, and its long poll with it.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
}

void SetInterceptors(const RpcWatchers& watchers, grpc::ServerBuilder& builder) {
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(ObserveRpcs(watchers.clock, watchers.observer));
  interceptors.push_back(AuditCalls(watchers.authenticator, watchers.audit));
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
}

}  // namespace

absl::StatusOr<std::unique_ptr<RpcServer>> RpcServer::Start(const RpcServerOptions& options,
                                                            const RpcDependencies& dependencies,
                                                            const RpcWatchers& watchers) {
  EnableHealthAndReflection();
  std::unique_ptr<RpcServer> server(new RpcServer(dependencies));
  PS_ASSIGN_OR_RETURN(server->listener_, Listener::Bind(options.listener));
  grpc::ServerBuilder builder;
  server->acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      MakeServerCredentials(options.tls, watchers.authenticator->asks_for_login(),
                            MakeLoginProcessor(watchers.authenticator, watchers.audit, watchers.observer)));
  builder.RegisterService(&server->sweep_service_);
  builder.RegisterService(&server->worker_service_);
  SetLimits(options, builder);
  SetInterceptors(watchers, builder);
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr) {
    return absl::UnavailableError("gRPC's server does not start; --log-level debug shows why");
  }
  server->SetServing(true);
  server->listener_->Start([acceptor = server->acceptor_.get()](int descriptor) {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.fd = descriptor;
    acceptor->HandleNewConnection(&connection);
  });
  return server;
}

RpcServer::~RpcServer() { Shutdown(absl::ZeroDuration()); }

void RpcServer::SetServing(bool serving) {
  grpc::HealthCheckServiceInterface& health = *server_->GetHealthCheckService();
  for (const char* service : {"", "probesweep.v1.SweepService", "probesweep.v1.WorkerService"}) {
    health.SetServingStatus(service, serving);
  }
}

void RpcServer::Shutdown(absl::Duration grace) {
  if (server_ == nullptr) return;
  listener_->Stop();
  server_->Shutdown(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(grace));
  server_->Wait();
}

}  // namespace probesweep::server
