// WorkerService as a simulated worker calls it: nothing blocks, answers arrive on the loop's thread.
#ifndef PROBESWEEP_BENCH_SCALE_WORKER_CALLS_H_
#define PROBESWEEP_BENCH_SCALE_WORKER_CALLS_H_

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bench/scale/event_loop.h"
#include "probesweep/v1/worker_service.grpc.pb.h"

namespace probesweep::bench {

template <typename Response>
struct Answer {
  grpc::Status status;
  Response response;
  absl::Time sent;
  absl::Duration latency;
};

// One connection. The loop outlives it, and every call's answer.
class WorkerCalls {
 public:
  WorkerCalls(std::shared_ptr<grpc::Channel> channel, EventLoop* loop);

  template <typename Response>
  using Done = std::function<void(const Answer<Response>&)>;

  void Register(v1::RegisterWorkerRequest request, Done<v1::RegisterWorkerResponse> done);
  void Lease(v1::LeaseTasksRequest request, Done<v1::LeaseTasksResponse> done);
  void Heartbeat(v1::HeartbeatRequest request, Done<v1::HeartbeatResponse> done);
  // `results`: the serialised field of that name, not copied. A machine of its own would make them.
  void Commit(const v1::CommitTaskRequest& request, const grpc::Slice& results, Done<grpc::ByteBuffer> done);
  void Release(v1::ReleaseLeaseRequest request, Done<v1::ReleaseLeaseResponse> done);

 private:
  template <typename Request, typename Response>
  struct Call {
    grpc::ClientContext context;
    Request request;
    Answer<Response> answer;
  };

  // `start` gets the call and what is to be called at its end.
  template <typename Request, typename Response, typename Start>
  void Begin(Request request, absl::Duration timeout, Done<Response> done, Start start) {
    auto call = std::make_shared<Call<Request, Response>>();
    call->request = std::move(request);
    call->context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(timeout));
    call->answer.sent = absl::Now();
    start(*call, [this, call, done = std::move(done)](grpc::Status status) {
      call->answer.latency = absl::Now() - call->answer.sent;
      call->answer.status = std::move(status);
      loop_->Post([call, done] { done(call->answer); });
    });
  }

  EventLoop* const loop_;
  const std::unique_ptr<v1::WorkerService::Stub> stub_;
  grpc::GenericStub generic_stub_;
};

}  // namespace probesweep::bench

#endif  // PROBESWEEP_BENCH_SCALE_WORKER_CALLS_H_
