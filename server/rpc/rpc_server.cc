#include "server/rpc/rpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status.h"

namespace probesweep::server {
namespace {

// A sweep of some ten thousand checkpoints is the largest message.
constexpr int kMaxMessageBytes = 64 << 20;

std::string HostPort(const std::string& host, int port) {
  return absl::StrContains(host, ":") ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

absl::Status CannotListen(const RpcServerOptions& options, absl::string_view why, bool in_use) {
  return absl::UnavailableError(
      absl::StrCat("cannot listen for gRPC on ", HostPort(options.host, options.port), ": ", why,
                   in_use ? ". Another program uses this port: stop it, or choose another with --listen "
                            "HOST:PORT"
                          : ". Choose an address of this machine with --listen HOST:PORT"));
}

// gRPC says only that it could not listen; a trial says why. A port taken between the two is gRPC's to
// notice.
absl::Status CheckAddress(const RpcServerOptions& options) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int failed =
      ::getaddrinfo(options.host.c_str(), std::to_string(options.port).c_str(), &hints, &found);
  if (failed != 0) return CannotListen(options, ::gai_strerror(failed), /*in_use=*/false);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> address(found, ::freeaddrinfo);
  const int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return CannotListen(options, std::strerror(errno), /*in_use=*/false);
  const int yes = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const int error = ::bind(fd, found->ai_addr, found->ai_addrlen) == 0 && ::listen(fd, 1) == 0 ? 0 : errno;
  ::close(fd);
  return error == 0 ? absl::OkStatus() : CannotListen(options, std::strerror(error), error == EADDRINUSE);
}

// Global switches of gRPC, set once before the first server is built.
void EnableHealthAndReflection() {
  static std::once_flag once;
  std::call_once(once, [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
}

void SetLimits(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.SetMaxSendMessageSize(kMaxMessageBytes);
  // Two coordinators on one port would share its calls without a word.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Clients ping every 20 s, also between calls; more often than this is abuse.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // A peer whose machine died without a word is noticed, and its long poll with it.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
}

}  // namespace

absl::StatusOr<std::unique_ptr<RpcServer>> RpcServer::Start(const RpcServerOptions& options,
                                                            const RpcDependencies& dependencies, Clock* clock,
                                                            RpcObserver observer) {
  PS_RETURN_IF_ERROR(CheckAddress(options));
  EnableHealthAndReflection();
  std::unique_ptr<RpcServer> server(new RpcServer(dependencies));
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(HostPort(options.host, options.port), grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&server->sweep_service_);
  builder.RegisterService(&server->worker_service_);
  SetLimits(builder);
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(ObserveRpcs(clock, std::move(observer)));
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr || port == 0) {
    return CannotListen(options, "the port was taken just now", /*in_use=*/true);
  }
  server->address_ = HostPort(options.host, port);
  server->SetServing(true);
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
  server_->Shutdown(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(grace));
  server_->Wait();
}

}  // namespace probesweep::server
