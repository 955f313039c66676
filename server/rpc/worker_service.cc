#include "server/rpc/worker_service.h"

#include <memory>
#include <utility>

#include "server/rpc/blob_streams.h"

namespace probesweep::server {
namespace {

// A long poll. When its caller goes away it leaves the queue for work, so that no grant is spent on it.
class LeaseCall : public grpc::ServerUnaryReactor {
 public:
  LeaseCall(Coordinator* coordinator, LeaseCommand command, v1::LeaseTasksResponse* response)
      : coordinator_(coordinator) {
    Ask<LeaseAnswer>(
        *coordinator, this, response,
        [command = std::move(command), poll_id = poll_id_](CoordinatorCore& core, Reply<LeaseAnswer> reply) {
          *poll_id = core.Lease(command, std::move(reply));
        });
  }

  void OnCancel() override {
    // Runs after the request above, whose reply it brings about; refused only when a shutdown replies to all.
    (void)coordinator_->PostCleanup(
        [poll_id = poll_id_](CoordinatorCore& core) { core.AbandonPoll(*poll_id); });
  }
  void OnDone() override { delete this; }

 private:
  Coordinator* const coordinator_;
  // Touched on the coordinator's thread only; outlives the call there.
  const std::shared_ptr<uint64_t> poll_id_ = std::make_shared<uint64_t>(0);
};

}  // namespace

grpc::ServerUnaryReactor* WorkerServiceImpl::RegisterWorker(Context* context,
                                                            const v1::RegisterWorkerRequest* request,
                                                            v1::RegisterWorkerResponse* response) {
  Unary* reactor = context->DefaultReactor();
  Ask<RegisterAnswer>(*dependencies_.coordinator, reactor, response,
                      [command = FromProto(*request)](CoordinatorCore& core, Reply<RegisterAnswer> reply) {
                        core.Register(command, std::move(reply));
                      });
  return reactor;
}

grpc::ServerUnaryReactor* WorkerServiceImpl::LeaseTasks(Context*, const v1::LeaseTasksRequest* request,
                                                        v1::LeaseTasksResponse* response) {
  return new LeaseCall(dependencies_.coordinator, FromProto(*request), response);
}

grpc::ServerUnaryReactor* WorkerServiceImpl::Heartbeat(Context* context, const v1::HeartbeatRequest* request,
                                                       v1::HeartbeatResponse* response) {
  Unary* reactor = context->DefaultReactor();
  Ask<HeartbeatAnswer>(*dependencies_.coordinator, reactor, response,
                       [command = FromProto(*request)](CoordinatorCore& core, Reply<HeartbeatAnswer> reply) {
                         core.Heartbeat(command, std::move(reply));
                       });
  return reactor;
}

grpc::ServerUnaryReactor* WorkerServiceImpl::CommitTask(Context* context,
                                                        const v1::CommitTaskRequest* request,
                                                        v1::CommitTaskResponse* response) {
  Unary* reactor = context->DefaultReactor();
  Ask<CommitAnswer>(*dependencies_.coordinator, reactor, response,
                    [claim = ClaimOf(*request), outcome = OutcomeOf(*request)](
                        CoordinatorCore& core, Reply<CommitAnswer> reply) mutable {
                      core.Commit(claim, std::move(outcome), std::move(reply));
                    });
  return reactor;
}

grpc::ServerUnaryReactor* WorkerServiceImpl::FailTask(Context* context, const v1::FailTaskRequest* request,
                                                      v1::FailTaskResponse* response) {
  Unary* reactor = context->DefaultReactor();
  absl::StatusOr<Failure> failure = FailureOf(*request);
  if (!failure.ok()) {
    reactor->Finish(ToGrpcStatus(failure.status()));
    return reactor;
  }
  Ask<bool>(*dependencies_.coordinator, reactor, response,
            [claim = ClaimOf(*request), failure = *std::move(failure)](
                CoordinatorCore& core, Reply<bool> reply) { core.Fail(claim, failure, std::move(reply)); });
  return reactor;
}

grpc::ServerUnaryReactor* WorkerServiceImpl::ReleaseLease(Context* context,
                                                          const v1::ReleaseLeaseRequest* request,
                                                          v1::ReleaseLeaseResponse* response) {
  Unary* reactor = context->DefaultReactor();
  Ask<bool>(*dependencies_.coordinator, reactor, response,
            [worker = FromProto(request->worker()), lease_id = request->lease_id(),
             statistics = StatisticsOf(*request)](CoordinatorCore& core, Reply<bool> reply) {
              core.Release(worker, lease_id, statistics, std::move(reply));
            });
  return reactor;
}

grpc::ServerWriteReactor<v1::BlobChunk>* WorkerServiceImpl::FetchBlob(Context* context,
                                                                      const v1::FetchBlobRequest* request) {
  return BlobDownload::Start(dependencies_, context, request->digest());
}

grpc::ServerReadReactor<v1::BlobChunk>* WorkerServiceImpl::PutArtifact(Context*,
                                                                       v1::PutArtifactResponse* response) {
  return BlobUpload<v1::PutArtifactResponse>::Start(dependencies_, response);
}

}  // namespace probesweep::server
