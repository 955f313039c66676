#include "bench/scale/worker_calls.h"

namespace probesweep::bench {
namespace {

// As the worker's agent has them.
constexpr absl::Duration kCallTimeout = absl::Seconds(20);
constexpr absl::Duration kHeartbeatTimeout = absl::Seconds(5);

}  // namespace

WorkerCalls::WorkerCalls(std::shared_ptr<grpc::Channel> channel, EventLoop* loop)
    : loop_(loop), stub_(v1::WorkerService::NewStub(channel)), generic_stub_(channel) {}

void WorkerCalls::Register(v1::RegisterWorkerRequest request, Done<v1::RegisterWorkerResponse> done) {
  Begin<v1::RegisterWorkerRequest, v1::RegisterWorkerResponse>(
      std::move(request), kCallTimeout, std::move(done), [this](auto& call, auto end) {
        stub_->async()->RegisterWorker(&call.context, &call.request, &call.answer.response, std::move(end));
      });
}

void WorkerCalls::Lease(v1::LeaseTasksRequest request, Done<v1::LeaseTasksResponse> done) {
  const absl::Duration timeout = absl::Seconds(request.wait().seconds()) + kCallTimeout;
  Begin<v1::LeaseTasksRequest, v1::LeaseTasksResponse>(
      std::move(request), timeout, std::move(done), [this](auto& call, auto end) {
        stub_->async()->LeaseTasks(&call.context, &call.request, &call.answer.response, std::move(end));
      });
}

void WorkerCalls::Heartbeat(v1::HeartbeatRequest request, Done<v1::HeartbeatResponse> done) {
  Begin<v1::HeartbeatRequest, v1::HeartbeatResponse>(
      std::move(request), kHeartbeatTimeout, std::move(done), [this](auto& call, auto end) {
        stub_->async()->Heartbeat(&call.context, &call.request, &call.answer.response, std::move(end));
      });
}

void WorkerCalls::Commit(const v1::CommitTaskRequest& request, const grpc::Slice& results,
                         Done<grpc::ByteBuffer> done) {
  // Two serialised messages one after the other are their sum.
  const grpc::Slice slices[] = {grpc::Slice(request.SerializeAsString()), results};
  Begin<grpc::ByteBuffer, grpc::ByteBuffer>(
      grpc::ByteBuffer(slices, 2), kCallTimeout, std::move(done), [this](auto& call, auto end) {
        generic_stub_.UnaryCall(&call.context, "/probesweep.v1.WorkerService/CommitTask", {}, &call.request,
                                &call.answer.response, std::move(end));
      });
}

void WorkerCalls::Release(v1::ReleaseLeaseRequest request, Done<v1::ReleaseLeaseResponse> done) {
  Begin<v1::ReleaseLeaseRequest, v1::ReleaseLeaseResponse>(
      std::move(request), kCallTimeout, std::move(done), [this](auto& call, auto end) {
        stub_->async()->ReleaseLease(&call.context, &call.request, &call.answer.response, std::move(end));
      });
}

}  // namespace probesweep::bench
