// The coordinator as a whole: store, blobs, core, gRPC, HTTP.
#ifndef PROBESWEEP_SERVER_SERVER_H_
#define PROBESWEEP_SERVER_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "server/address.h"
#include "server/guards.h"
#include "server/housekeeping.h"
#include "server/http/http_server.h"
#include "server/leadership_keeper.h"
#include "server/metrics/server_metrics.h"
#include "server/rpc/rpc_server.h"
#include "server/service/coordinator.h"
#include "server/service/executor.h"
#include "server/store/blob_store.h"
#include "server/store/sqlite_database.h"
#include "server/store/store.h"

namespace probesweep::server {

struct ServerOptions {
  std::string data_folder;                                  // absolute; blobs, and the default store
  std::string store_uri;                                    // empty: sqlite://<data_folder>/probesweep.db
  std::string listen_address = "127.0.0.1:7077";            // gRPC; port 0: any free one
  std::string http_address = "127.0.0.1:7078";              // monitoring; port 0: any free one
  GuardOptions guards;                                      // of gRPC
  int max_connections = ListenerOptions().max_connections;  // of gRPC
  bool insecure = false;       // gRPC and HTTP on other addresses than loopback, unprotected
  bool insecure_http = false;  // HTTP alone
  std::string ready_file;      // written once serving; empty: none
  // Called at most once, from any thread, when the server must end: end_reason() says why. Must return at
  // once.
  std::function<void()> on_end = [] {};
  CoreOptions core;  // engine_version is filled in
  // For calls in progress at Shutdown. Long polls and watches end at once; uploads may take that long.
  absl::Duration shutdown_grace = absl::Seconds(5);
};

// On PostgreSQL it may stand by first: until it leads there is only monitoring, and /readyz says why.
// Thread-safe.
class Server {
 public:
  // Opens the store, rebuilds the coordinator's memory and serves; or stands by, and does the rest when it
  // leads. Errors say what to mend: INVALID_ARGUMENT (an address or URI that is none), FAILED_PRECONDITION
  // (data folder not writable, store locked by another coordinator, an address that others can reach without
  // `insecure`), UNAVAILABLE (port in use), DATA_LOSS (the store is damaged).
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options);

  // Shuts down.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // "host:port" with the ports really listened on; gRPC's only once it serves.
  const std::string& grpc_address() const { return rpc_->address(); }
  const std::string& http_address() const { return http_->address(); }

  // Why the server must end: UNAVAILABLE when another coordinator took over. OK: it need not.
  absl::Status end_reason() const;

  // Stores and answers what was accepted, ends the rest within the grace period, closes the store. May be
  // repeated.
  void Shutdown();

 private:
  explicit Server(const ServerOptions& options);

  absl::Status ReadAddresses();
  absl::Status OpenStores();
  absl::Status LockDataFolder();
  // Serves once this process leads.
  void StandBy();
  // What a leader does: from the stores on.
  absl::Status Serve();
  absl::Status OpenBlobs();
  absl::Status StartCoordinator();
  absl::Status StartRpc();
  absl::Status StartHttp();
  absl::Status WriteReadyFile() const;
  void CheckReady(absl::AnyInvocable<void(absl::Status)> done);
  // Whoever runs the server is told once.
  void End(const absl::Status& why);
  // The store said that another coordinator leads.
  void EndLead(const absl::Status& refused);

  const ServerOptions options_;
  Address listen_, http_listen_;
  Clock* const clock_ = Clock::System();
  const std::shared_ptr<ServerMetrics> metrics_;
  mutable absl::Mutex mutex_;
  Coordinator* serving_ ABSL_GUARDED_BY(mutex_) = nullptr;  // coordinator_ once it serves
  absl::Status end_reason_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  // In the order in which they need one another; destroyed in the opposite one.
  std::unique_ptr<Store> store_;
  Leadership* leadership_ = nullptr;  // the store's
  std::string store_identity_;
  std::unique_ptr<FileLock> data_lock_;
  std::unique_ptr<BlobStore> blobs_;
  std::unique_ptr<Housekeeping> housekeeping_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Coordinator> coordinator_;
  std::unique_ptr<Guards> guards_;
  std::unique_ptr<RpcServer> rpc_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<LeadershipKeeper> keeper_;  // null: no other coordinator can lead
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_SERVER_H_
