#include "server/server.h"

#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/ids.h"
#include "common/log_fields.h"
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

Protection ProtectionOf(const ServerOptions& options) {
  Protection protection;
  protection.tls = !options.guards.tls.cert.empty();
  protection.client_certificates = !options.guards.tls.ca.empty();
  protection.tokens = !options.guards.tokens_file.empty();
  protection.insecure = options.insecure;
  return protection;
}

}  // namespace

Server::Server(const ServerOptions& options)
    : options_(options), metrics_(std::make_shared<ServerMetrics>(RpcMethods())) {}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options) {
  std::unique_ptr<Server> server(new Server(options));
  // What an earlier run left would point to a server that is gone.
  if (!options.ready_file.empty()) ::unlink(options.ready_file.c_str());
  PS_RETURN_IF_ERROR(server->ReadAddresses());
  PS_ASSIGN_OR_RETURN(server->guards_, Guards::Open(options.guards, server->clock_));
  PS_RETURN_IF_ERROR(server->OpenStores());
  const bool alone = server->leadership_->epoch() != 0;
  if (alone) PS_RETURN_IF_ERROR(server->LockDataFolder());
  PS_RETURN_IF_ERROR(server->StartHttp());
  if (alone) {
    PS_RETURN_IF_ERROR(server->Serve());
  } else {
    server->StandBy();
  }
  return server;
}

Server::~Server() { Shutdown(); }

absl::Status Server::ReadAddresses() {
  PS_ASSIGN_OR_RETURN(listen_, ParseAddress(options_.listen_address, "--listen"));
  PS_ASSIGN_OR_RETURN(http_listen_, ParseAddress(options_.http_address, "--http"));
  PS_RETURN_IF_ERROR(CheckExposure(listen_, ProtectionOf(options_)));
  return CheckHttpExposure(http_listen_, options_.insecure || options_.insecure_http);
}

absl::Status Server::OpenStores() {
  const std::string& folder = options_.data_folder;
  if (folder.empty() || folder.front() != '/') {
    return absl::InvalidArgumentError(absl::StrCat("the data folder '", folder, "' is no absolute path"));
  }
  if (const absl::Status made = MakeFolders(folder); !made.ok()) return CannotUseFolder(folder, made);
  PS_ASSIGN_OR_RETURN(
      std::unique_ptr<SqlStore> store,
      OpenStore(options_.store_uri.empty() ? absl::StrCat("sqlite://", folder, "/probesweep.db")
                                           : options_.store_uri,
                clock_));
  leadership_ = &store->leadership();
  store_identity_ = store->identity();
  store_ = ObserveStore(std::move(store), clock_,
                        [this](const char* operation, absl::Duration duration, const absl::Status& status) {
                          metrics_->OnStoreOperation(operation, duration, status);
                          if (absl::IsFailedPrecondition(status)) EndLead(status);
                        });
  return absl::OkStatus();
}

absl::Status Server::LockDataFolder() {
  const std::string& folder = options_.data_folder;
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
  return absl::OkStatus();
}

absl::Status Server::Serve() {
  PS_RETURN_IF_ERROR(OpenBlobs());
  PS_RETURN_IF_ERROR(StartCoordinator());
  PS_RETURN_IF_ERROR(StartRpc());
  housekeeping_ = std::make_unique<Housekeeping>(
      HousekeepingOptions(),
      Housekeeping::Parts{options_.data_folder, store_.get(), blobs_.get(), clock_, metrics_.get()});
  metrics_->OnLead(leadership_->epoch());
  spdlog::info("serving gRPC on {} and monitoring on http://{}; data in {}{}", grpc_address(), http_address(),
               options_.data_folder, LogFields({{"epoch", leadership_->epoch()}}));
  PS_RETURN_IF_ERROR(WriteReadyFile());
  absl::MutexLock lock(&mutex_);
  serving_ = coordinator_.get();
  return absl::OkStatus();
}

// Only who leads: it clears what others left unfinished.
absl::Status Server::OpenBlobs() {
  const absl::Status adopted = BlobStore::Adopt(options_.data_folder, store_identity_);
  if (absl::IsFailedPrecondition(adopted)) return adopted;
  if (!adopted.ok()) return CannotUseFolder(options_.data_folder, adopted);
  absl::StatusOr<std::unique_ptr<BlobStore>> blobs = BlobStore::Open(options_.data_folder);
  if (!blobs.ok()) return CannotUseFolder(options_.data_folder, blobs.status());
  blobs_ = *std::move(blobs);
  return absl::OkStatus();
}

absl::Status Server::StartCoordinator() {
  executor_ = std::make_unique<Executor>(ExecutorOptions());
  CoreOptions core_options = options_.core;
  core_options.engine_version = EngineVersion();
  auto core = std::make_unique<CoordinatorCore>(
      core_options, store_.get(),
      // An empty blob is there too.
      [this](const std::string& digest) {
        const int64_t bytes = blobs_->Claim(digest);
        return bytes < 0 ? 0 : std::max<int64_t>(bytes, 1);
      },
      clock_, RandomSource::System(), metrics_.get());
  PS_ASSIGN_OR_RETURN(coordinator_, Coordinator::Start(CoordinatorOptions(), std::move(core), clock_));
  metrics_->SampleQueue("requests", [this] { return coordinator_->queue_depth(); });
  metrics_->SampleQueue("jobs", [this] { return executor_->queue_depth(); });
  return absl::OkStatus();
}

absl::Status Server::StartRpc() {
  const RpcDependencies dependencies{coordinator_.get(), executor_.get(), store_.get(), blobs_.get(),
                                     FolderView::Local()};
  RpcServerOptions rpc;
  rpc.listener = {listen_.host, listen_.port, options_.max_connections};
  rpc.tls = options_.guards.tls;
  RpcWatchers watchers;
  watchers.clock = clock_;
  watchers.observer = [metrics = metrics_](const std::string& method, absl::StatusCode code,
                                           absl::Duration duration) {
    metrics->OnRpc(method, code, duration);
  };
  watchers.authenticator = guards_->authenticator();
  watchers.audit = guards_->audit();
  PS_ASSIGN_OR_RETURN(rpc_, RpcServer::Start(rpc, dependencies, watchers));
  guards_->Watch(listen_.host, rpc_->port());
  return absl::OkStatus();
}

absl::Status Server::StartHttp() {
  HttpServerOptions http;
  http.host = http_listen_.host;
  http.port = http_listen_.port;
  const ReadinessCheck ready = [this](auto done) { CheckReady(std::move(done)); };
  PS_ASSIGN_OR_RETURN(
      http_,
      HttpServer::Start(http, RouteTable({MetricsRoute(metrics_), HealthRoute(), ReadinessRoute(ready)})));
  return absl::OkStatus();
}

void Server::StandBy() {
  LeadershipKeeper::Options options;
  options.on_lead = [this] {
    const absl::Status served = Serve();
    if (!served.ok()) End(served);
    return served.ok();
  };
  options.on_lost = [this](const absl::Status& refused) { EndLead(refused); };
  spdlog::info("monitoring on http://{}; gRPC is served once this coordinator leads", http_address());
  keeper_ = std::make_unique<LeadershipKeeper>(leadership_, std::move(options));
}

void Server::CheckReady(absl::AnyInvocable<void(absl::Status)> done) {
  Coordinator* serving = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    serving = serving_;
  }
  if (serving == nullptr) return done(absl::UnavailableError("standby: this coordinator does not lead"));
  // Shared: a request that is refused is dropped, and its answer must still be given.
  auto shared = std::make_shared<decltype(done)>(std::move(done));
  const absl::Status posted = serving->Post([shared](CoordinatorCore& core) { (*shared)(core.health()); });
  if (!posted.ok()) (*shared)(posted);
}

void Server::End(const absl::Status& why) {
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_ || !end_reason_.ok()) return;
    end_reason_ = why;
  }
  metrics_->OnLead(0);
  options_.on_end();
}

void Server::EndLead(const absl::Status& refused) {
  End(absl::UnavailableError(absl::StrCat(refused.message(), "; start this one again, to stand by")));
}

absl::Status Server::end_reason() const {
  absl::MutexLock lock(&mutex_);
  return end_reason_;
}

absl::Status Server::WriteReadyFile() const {
  if (options_.ready_file.empty()) return absl::OkStatus();
  const nlohmann::json ready = {{"grpc", grpc_address()}, {"http", http_address()}};
  return Annotate(WriteFileAtomically(options_.ready_file, ready.dump() + "\n"), "--ready-file");
}

void Server::Shutdown() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  // Waits until it is decided whether there is anything to shut down.
  if (keeper_ != nullptr) keeper_->Stop();
  if (!options_.ready_file.empty() && store_ != nullptr) ::unlink(options_.ready_file.c_str());
  if (guards_ != nullptr) guards_->StopWatching();
  if (rpc_ != nullptr) rpc_->SetServing(false);
  // First the coordinator: it answers what it holds, so that calls can end. The executor must still take the
  // jobs with which they do.
  if (coordinator_ != nullptr) coordinator_->Shutdown();
  if (rpc_ != nullptr) rpc_->Shutdown(options_.shutdown_grace);
  if (executor_ != nullptr) executor_->Shutdown();
  housekeeping_.reset();
  // A standby need not wait until this one counts as dead.
  if (keeper_ != nullptr && leadership_->epoch() != 0) {
    const absl::Status released = leadership_->Release();
    if (!released.ok()) spdlog::warn("the lead is not given up: {}", released.message());
  }
  metrics_->StopSampling();
  if (http_ != nullptr) http_->Shutdown();
}

}  // namespace probesweep::server
