#include "server/rpc/watch_stream.h"

#include <utility>

namespace probesweep::server {

WatchStream* WatchStream::Start(const RpcDependencies& dependencies, const std::string& sweep_id) {
  std::shared_ptr<WatchStream> stream(new WatchStream(dependencies));
  stream->self_ = stream;
  const absl::Status posted = dependencies.coordinator->Post([stream, sweep_id](CoordinatorCore& core) {
    stream->watch_id_ = core.Watch(
        sweep_id, [stream](absl::StatusOr<SweepUpdate> update) { stream->Update(std::move(update)); });
  });
  if (!posted.ok()) stream->End(posted);
  return stream.get();
}

void WatchStream::Update(absl::StatusOr<SweepUpdate> update) {
  {
    absl::MutexLock lock(&mutex_);
    if (phase_ == Phase::kFinished) return;
    newest_ = std::move(update);
    if (phase_ == Phase::kBusy) return;
    phase_ = Phase::kBusy;
  }
  PostSend();
}

void WatchStream::PostSend() {
  const absl::Status posted = dependencies_.executor->Post([stream = self_] { stream->Send(); });
  if (!posted.ok()) End(posted);
}

void WatchStream::Send() {
  absl::StatusOr<SweepUpdate> update;
  {
    absl::MutexLock lock(&mutex_);
    update = *std::exchange(newest_, std::nullopt);
  }
  if (!update.ok()) return End(update.status());
  last_ = update->view.state() != SweepState::kRunning;
  response_.Clear();
  ToProto(*update, response_);
  StartWrite(&response_);
}

void WatchStream::OnWriteDone(bool ok) {
  if (!ok) return End(absl::CancelledError("the caller went away"));
  if (last_) return End(absl::OkStatus());
  bool cancelled = false;
  {
    absl::MutexLock lock(&mutex_);
    cancelled = cancelled_;
    if (!cancelled && !newest_.has_value()) {
      phase_ = Phase::kQuiet;
      return;
    }
  }
  if (cancelled) return End(absl::CancelledError("the caller went away"));
  PostSend();
}

void WatchStream::OnCancel() {
  {
    absl::MutexLock lock(&mutex_);
    // Whoever is busy ends the call: a write that was on its way may still succeed.
    cancelled_ = true;
    if (phase_ != Phase::kQuiet) return;
    phase_ = Phase::kFinished;
  }
  Finish(grpc::Status::CANCELLED);
}

void WatchStream::End(const absl::Status& status) {
  {
    absl::MutexLock lock(&mutex_);
    phase_ = Phase::kFinished;
  }
  Finish(ToGrpcStatus(status));
}

void WatchStream::OnDone() {
  // Runs after the request that began the watch. Refused only while stopping, when every watch ends anyway.
  const std::shared_ptr<WatchStream> self = std::move(self_);
  (void)dependencies_.coordinator->PostCleanup(
      [self](CoordinatorCore& core) { core.Unwatch(self->watch_id_); });
}

}  // namespace probesweep::server
