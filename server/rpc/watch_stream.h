#ifndef PROBESWEEP_SERVER_RPC_WATCH_STREAM_H_
#define PROBESWEEP_SERVER_RPC_WATCH_STREAM_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "probesweep/v1/sweep_service.pb.h"
#include "server/rpc/unary.h"

namespace probesweep::server {

// Sends a sweep's states until it is terminal or gone. While one is on its way, newer ones replace each
// other: a slow peer gets the newest only.
//
//   quiet ──Update──▶ busy ──sent, nothing newer──▶ quiet
//     │                └──sent a last state, or the caller is gone──▶ finished
//     └──OnCancel──▶ finished
//
// Lives as long as gRPC or the coordinator refers to it.
class WatchStream : public grpc::ServerWriteReactor<v1::WatchSweepResponse> {
 public:
  static WatchStream* Start(const RpcDependencies& dependencies, const std::string& sweep_id);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  explicit WatchStream(const RpcDependencies& dependencies) : dependencies_(dependencies) {}

  // Called on the coordinator's thread.
  void Update(absl::StatusOr<SweepUpdate> update);
  // Sends the newest state from an executor's thread: a large sweep takes a while to convert.
  void PostSend();
  void Send();
  void End(const absl::Status& status);

  const RpcDependencies dependencies_;
  std::shared_ptr<WatchStream> self_;  // gRPC's reference; dropped by OnDone
  uint64_t watch_id_ = 0;              // on the coordinator's thread only
  v1::WatchSweepResponse response_;    // used by whoever is busy
  bool last_ = false;                  // the state on its way is terminal; used by whoever is busy

  absl::Mutex mutex_;
  enum class Phase { kQuiet, kBusy, kFinished };
  Phase phase_ ABSL_GUARDED_BY(mutex_) = Phase::kQuiet;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::StatusOr<SweepUpdate>> newest_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_RPC_WATCH_STREAM_H_
