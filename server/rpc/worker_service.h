#ifndef PROBESWEEP_SERVER_RPC_WORKER_SERVICE_H_
#define PROBESWEEP_SERVER_RPC_WORKER_SERVICE_H_

#include "probesweep/v1/worker_service.grpc.pb.h"
#include "server/rpc/unary.h"

namespace probesweep::server {

// WorkerService over the coordinator. Thread-safe; handlers never block.
class WorkerServiceImpl final : public v1::WorkerService::CallbackService {
 public:
  explicit WorkerServiceImpl(const RpcDependencies& dependencies) : dependencies_(dependencies) {}

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  Unary* RegisterWorker(Context* context, const v1::RegisterWorkerRequest* request,
                        v1::RegisterWorkerResponse* response) override;
  Unary* LeaseTasks(Context* context, const v1::LeaseTasksRequest* request,
                    v1::LeaseTasksResponse* response) override;
  Unary* Heartbeat(Context* context, const v1::HeartbeatRequest* request,
                   v1::HeartbeatResponse* response) override;
  Unary* CommitTask(Context* context, const v1::CommitTaskRequest* request,
                    v1::CommitTaskResponse* response) override;
  Unary* FailTask(Context* context, const v1::FailTaskRequest* request,
                  v1::FailTaskResponse* response) override;
  Unary* ReleaseLease(Context* context, const v1::ReleaseLeaseRequest* request,
                      v1::ReleaseLeaseResponse* response) override;
  grpc::ServerWriteReactor<v1::BlobChunk>* FetchBlob(Context* context,
                                                     const v1::FetchBlobRequest* request) override;
  grpc::ServerReadReactor<v1::BlobChunk>* PutArtifact(Context* context,
                                                      v1::PutArtifactResponse* response) override;

 private:
  const RpcDependencies dependencies_;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_RPC_WORKER_SERVICE_H_
