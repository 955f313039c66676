#include "worker/agent/grpc_coordinator_client.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <set>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/digest.h"
#include "common/rpc/channel.h"
#include "common/status.h"
#include "probesweep/v1/worker_service.grpc.pb.h"

namespace probesweep::worker {
namespace {

constexpr absl::Duration kCallTimeout = absl::Seconds(20);
constexpr absl::Duration kHeartbeatTimeout = absl::Seconds(5);
constexpr absl::Duration kBlobTimeout = absl::Minutes(10);
constexpr size_t kChunkBytes = 1 << 20;
constexpr int kMaxMessageBytes = 64 << 20;

grpc::ChannelArguments ChannelArguments() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  // A coordinator that comes back gives leases one more length of life: the channel must not sulk meanwhile.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  return arguments;
}

// One coordinator.
struct Endpoint {
  std::string address;
  std::unique_ptr<v1::WorkerService::Stub> stub;
};

class GrpcCoordinatorClient : public CoordinatorClient {
 public:
  explicit GrpcCoordinatorClient(std::vector<Endpoint> endpoints) : endpoints_(std::move(endpoints)) {}

  absl::StatusOr<v1::RegisterWorkerResponse> Register(const v1::RegisterWorkerRequest& request) override {
    return Unary<v1::RegisterWorkerResponse>(&v1::WorkerService::Stub::RegisterWorker, request, kCallTimeout);
  }
  absl::StatusOr<v1::LeaseTasksResponse> Lease(const v1::LeaseTasksRequest& request) override {
    const absl::Duration wait = absl::Seconds(request.wait().seconds());
    Call call(*this, wait + kCallTimeout);
    const LeaseInProgress in_progress(*this, &call.context);
    v1::LeaseTasksResponse response;
    PS_RETURN_IF_ERROR(call.End(call.stub.LeaseTasks(&call.context, request, &response)));
    return response;
  }
  absl::StatusOr<v1::HeartbeatResponse> Heartbeat(const v1::HeartbeatRequest& request) override {
    return Unary<v1::HeartbeatResponse>(&v1::WorkerService::Stub::Heartbeat, request, kHeartbeatTimeout);
  }
  absl::StatusOr<v1::CommitTaskResponse> Commit(const v1::CommitTaskRequest& request) override {
    return Unary<v1::CommitTaskResponse>(&v1::WorkerService::Stub::CommitTask, request, kCallTimeout);
  }
  absl::Status Fail(const v1::FailTaskRequest& request) override {
    return Unary<v1::FailTaskResponse>(&v1::WorkerService::Stub::FailTask, request, kCallTimeout).status();
  }
  absl::Status Release(const v1::ReleaseLeaseRequest& request) override {
    return Unary<v1::ReleaseLeaseResponse>(&v1::WorkerService::Stub::ReleaseLease, request, kCallTimeout)
        .status();
  }

  absl::StatusOr<std::string> FetchBlob(const std::string& digest) override {
    Call call(*this, kBlobTimeout);
    v1::FetchBlobRequest request;
    request.set_digest(digest);
    auto reader = call.stub.FetchBlob(&call.context, request);
    std::string bytes;
    v1::BlobChunk chunk;
    while (reader->Read(&chunk)) bytes += chunk.data();
    PS_RETURN_IF_ERROR(call.End(reader->Finish()));
    if (Sha256Hex(bytes) != digest) {
      return absl::UnavailableError(absl::StrCat("blob ", digest, " arrived damaged"));
    }
    return bytes;
  }

  absl::Status PutArtifact(const std::string& digest, absl::string_view bytes) override {
    Call call(*this, kBlobTimeout);
    v1::PutArtifactResponse response;
    auto writer = call.stub.PutArtifact(&call.context, &response);
    v1::BlobChunk chunk;
    chunk.set_digest(digest);
    do {
      const size_t size = std::min(kChunkBytes, bytes.size());
      chunk.set_data(bytes.data(), size);
      bytes.remove_prefix(size);
      if (!writer->Write(chunk)) break;  // Finish says why
      chunk.clear_digest();
    } while (!bytes.empty());
    writer->WritesDone();
    return call.End(writer->Finish());
  }

  void CancelLease() override {
    absl::MutexLock lock(&mutex_);
    if (lease_ == nullptr) return;
    lease_cancelled_ = true;
    lease_->TryCancel();
  }

  void Shutdown() override {
    absl::MutexLock lock(&mutex_);
    shut_down_ = true;
    for (grpc::ClientContext* context : active_) context->TryCancel();
  }

 private:
  // One call to the coordinator of the moment; its context is known to Shutdown while it lasts.
  struct Call {
    Call(GrpcCoordinatorClient& owner, absl::Duration timeout)
        : owner(owner), endpoint(owner.current_.load()), stub(*owner.endpoints_[endpoint].stub) {
      context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(timeout));
      absl::MutexLock lock(&owner.mutex_);
      owner.active_.insert(&context);
      if (owner.shut_down_) context.TryCancel();
    }
    ~Call() {
      absl::MutexLock lock(&owner.mutex_);
      owner.active_.erase(&context);
    }
    absl::Status End(const grpc::Status& status) { return owner.EndCall(status, endpoint); }

    GrpcCoordinatorClient& owner;
    size_t endpoint;
    v1::WorkerService::Stub& stub;
    grpc::ClientContext context;
  };

  // The context of a lease's long poll, known to CancelLease while it lasts.
  struct LeaseInProgress {
    LeaseInProgress(GrpcCoordinatorClient& owner, grpc::ClientContext* context) : owner(owner) {
      absl::MutexLock lock(&owner.mutex_);
      owner.lease_ = context;
      owner.lease_cancelled_ = false;
    }
    ~LeaseInProgress() {
      absl::MutexLock lock(&owner.mutex_);
      owner.lease_ = nullptr;
    }
    GrpcCoordinatorClient& owner;
  };

  template <typename Response, typename Method, typename Request>
  absl::StatusOr<Response> Unary(Method method, const Request& request, absl::Duration timeout) {
    Call call(*this, timeout);
    Response response;
    PS_RETURN_IF_ERROR(call.End((call.stub.*method)(&call.context, request, &response)));
    return response;
  }

  bool CancelledHere() const {
    absl::MutexLock lock(&mutex_);
    return shut_down_ || lease_cancelled_;
  }

  absl::Status EndCall(const grpc::Status& status, size_t endpoint) {
    if (status.ok()) return absl::OkStatus();
    auto code = static_cast<absl::StatusCode>(status.error_code());
    // A coordinator that stops breaks calls off; only what was cancelled here means that this worker stops.
    if (code == absl::StatusCode::kCancelled && !CancelledHere()) code = absl::StatusCode::kUnavailable;
    // One that does not answer may be paused or cut off while another one leads. Another thread may have
    // moved on already: then its choice stands.
    if (code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kDeadlineExceeded) {
      size_t used = endpoint;
      current_.compare_exchange_strong(used, (used + 1) % endpoints_.size());
    }
    return absl::Status(
        code, absl::StrCat("coordinator at ", endpoints_[endpoint].address, ": ", status.error_message()));
  }

  const std::vector<Endpoint> endpoints_;
  std::atomic<size_t> current_{0};
  mutable absl::Mutex mutex_;
  bool shut_down_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<grpc::ClientContext*> active_ ABSL_GUARDED_BY(mutex_);
  grpc::ClientContext* lease_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool lease_cancelled_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<CoordinatorClient>> MakeGrpcCoordinatorClient(
    const std::vector<std::string>& addresses, const ChannelSecurity& security) {
  PS_ASSIGN_OR_RETURN(const ChannelFactory channels, ChannelFactory::Create(security));
  std::vector<Endpoint> endpoints;
  for (const std::string& address : addresses) {
    PS_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel,
                        channels.Connect(address, ChannelArguments()));
    endpoints.push_back({address, v1::WorkerService::NewStub(channel)});
  }
  return std::make_unique<GrpcCoordinatorClient>(std::move(endpoints));
}

}  // namespace probesweep::worker
