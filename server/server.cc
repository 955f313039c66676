#include "server/server.h"

#include <unistd.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/ids.h"
#include "common/logging.h"
#include "common/status.h"
#include "common/version.h"
#include "server/http/monitoring_routes.h"
#include "server/scheduling/folder_view.h"
#include "server/store/observed_store.h"
#include "server/store/open_store.h"

namespace probesweep::server {
namespace {

absl::Status CannotUseFolder(const std::string& folder, const absl::Status& why) {
  return absl::FailedPreconditionError(absl::StrCat("the data folder ", folder,
                                                    " cannot be used: ", why.message(),
                                                    ". Give --data a folder that this user can write to"));
}

}  // namespace

Server::Server(const ServerOptions& options)
    : options_(options), metrics_(std::make_shared<ServerMetrics>(RpcMethods())) {}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options) {
  std::unique_ptr<Server> server(new Server(options));
  // What an earlier run left would point to a server that is gone.
  if (!options.ready_file.empty()) ::unlink(options.ready_file.c_str());
  PS_RETURN_IF_ERROR(server->ReadAddresses());
  PS_RETURN_IF_ERROR(server->OpenStores());
  PS_RETURN_IF_ERROR(server->StartCoordinator());
  PS_RETURN_IF_ERROR(server->StartRpc());
  PS_RETURN_IF_ERROR(server->StartHttp());
  spdlog::info("serving gRPC on {} and monitoring on http://{}; data in {}", server->grpc_address(),
               server->http_address(), options.data_folder);
  PS_RETURN_IF_ERROR(server->WriteReadyFile());
  return server;
}

Server::~Server() { Shutdown(); }

absl::Status Server::ReadAddresses() {
  PS_ASSIGN_OR_RETURN(listen_, ParseAddress(options_.listen_address, "--listen"));
  PS_ASSIGN_OR_RETURN(http_listen_, ParseAddress(options_.http_address, "--http"));
  PS_RETURN_IF_ERROR(CheckExposure(listen_, options_.insecure, "--listen"));
  return CheckExposure(http_listen_, options_.insecure, "--http");
}

absl::Status Server::OpenStores() {
  const std::string& folder = options_.data_folder;
  if (folder.empty() || folder.front() != '/') {
    return absl::InvalidArgumentError(absl::StrCat("the data folder '", folder, "' is no absolute path"));
  }
  if (const absl::Status made = MakeFolders(folder); !made.ok()) return CannotUseFolder(folder, made);
  absl::StatusOr<std::unique_ptr<Store>> store = OpenStore(
      options_.store_uri.empty() ? absl::StrCat("sqlite://", folder, "/probesweep.db") : options_.store_uri,
      clock_);
  PS_RETURN_IF_ERROR(store.status());
  store_ = ObserveStore(
      *std::move(store), clock_,
      [metrics = metrics_](const char* operation, absl::Duration duration, const absl::Status& status) {
        metrics->OnStoreOperation(operation, duration, status);
      });
  // Two coordinators with stores of their own would still clear each other's uploads.
  absl::StatusOr<std::unique_ptr<FileLock>> lock =
      FileLock::Acquire(absl::StrCat(folder, "/coordinator.lock"));
  if (absl::IsFailedPrecondition(lock.status())) {
    return absl::FailedPreconditionError(
        absl::StrCat("the data folder ", folder,
                     " belongs to another coordinator that is running; stop "
                     "that one, or give this one another folder with --data"));
  }
  if (!lock.ok()) return CannotUseFolder(folder, lock.status());
  data_lock_ = *std::move(lock);
  absl::StatusOr<std::unique_ptr<BlobStore>> blobs = BlobStore::Open(folder);
  if (!blobs.ok()) return CannotUseFolder(folder, blobs.status());
  blobs_ = *std::move(blobs);
  return absl::OkStatus();
}

absl::Status Server::StartCoordinator() {
  executor_ = std::make_unique<Executor>(ExecutorOptions());
  CoreOptions core_options = options_.core;
  core_options.engine_version = EngineVersion();
  auto core = std::make_unique<CoordinatorCore>(
      core_options, store_.get(), [this](const std::string& digest) { return blobs_->Has(digest); }, clock_,
      RandomSource::System(), metrics_.get());
  PS_ASSIGN_OR_RETURN(coordinator_, Coordinator::Start(CoordinatorOptions(), std::move(core), clock_));
  metrics_->SampleQueue("requests", [this] { return coordinator_->queue_depth(); });
  metrics_->SampleQueue("jobs", [this] { return executor_->queue_depth(); });
  return absl::OkStatus();
}

absl::Status Server::StartRpc() {
  const RpcDependencies dependencies{coordinator_.get(), executor_.get(), store_.get(), blobs_.get(),
                                     FolderView::Local()};
  PS_ASSIGN_OR_RETURN(
      rpc_, RpcServer::Start(
                {listen_.host, listen_.port}, dependencies, clock_,
                [metrics = metrics_](const std::string& method, absl::StatusCode code,
                                     absl::Duration duration) { metrics->OnRpc(method, code, duration); }));
  return absl::OkStatus();
}

absl::Status Server::StartHttp() {
  HttpServerOptions http;
  http.host = http_listen_.host;
  http.port = http_listen_.port;
  const ReadinessCheck ready = [coordinator = coordinator_.get()](auto done) {
    // Shared: a request that is refused is dropped, and its answer must still be given.
    auto shared = std::make_shared<decltype(done)>(std::move(done));
    const absl::Status posted =
        coordinator->Post([shared](CoordinatorCore& core) { (*shared)(core.health()); });
    if (!posted.ok()) (*shared)(posted);
  };
  PS_ASSIGN_OR_RETURN(
      http_,
      HttpServer::Start(http, RouteTable({MetricsRoute(metrics_), HealthRoute(), ReadinessRoute(ready)})));
  return absl::OkStatus();
}

absl::Status Server::WriteReadyFile() const {
  if (options_.ready_file.empty()) return absl::OkStatus();
  const nlohmann::json ready = {{"grpc", grpc_address()}, {"http", http_address()}};
  return Annotate(WriteFileAtomically(options_.ready_file, ready.dump() + "\n"), "--ready-file");
}

void Server::Shutdown() {
  if (!options_.ready_file.empty() && store_ != nullptr) ::unlink(options_.ready_file.c_str());
  if (rpc_ != nullptr) rpc_->SetServing(false);
  // First the coordinator: it answers what it holds, so that calls can end. The executor must still take the
  // jobs with which they do.
  if (coordinator_ != nullptr) coordinator_->Shutdown();
  if (rpc_ != nullptr) rpc_->Shutdown(options_.shutdown_grace);
  if (executor_ != nullptr) executor_->Shutdown();
  metrics_->StopSampling();
  if (http_ != nullptr) http_->Shutdown();
}

}  // namespace probesweep::server
