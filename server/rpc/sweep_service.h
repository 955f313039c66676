#ifndef PROBESWEEP_SERVER_RPC_SWEEP_SERVICE_H_
#define PROBESWEEP_SERVER_RPC_SWEEP_SERVICE_H_

#include "probesweep/v1/sweep_service.grpc.pb.h"
#include "server/rpc/unary.h"

namespace probesweep::server {

// SweepService over the coordinator. Thread-safe; handlers never block.
class SweepServiceImpl final : public v1::SweepService::CallbackService {
 public:
  explicit SweepServiceImpl(const RpcDependencies& dependencies) : dependencies_(dependencies) {}

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;
  template <typename Message>
  using Writer = grpc::ServerWriteReactor<Message>;

  Unary* CreateSweep(Context* context, const v1::CreateSweepRequest* request, v1::Sweep* response) override;
  Unary* GetSweep(Context* context, const v1::GetSweepRequest* request, v1::Sweep* response) override;
  Unary* ListSweeps(Context* context, const v1::ListSweepsRequest* request,
                    v1::ListSweepsResponse* response) override;
  Unary* ListTasks(Context* context, const v1::ListTasksRequest* request,
                   v1::ListTasksResponse* response) override;
  Unary* CancelSweep(Context* context, const v1::CancelSweepRequest* request, v1::Sweep* response) override;
  Unary* RetrySweep(Context* context, const v1::RetrySweepRequest* request, v1::Sweep* response) override;
  Unary* DeleteSweep(Context* context, const v1::DeleteSweepRequest* request,
                     v1::DeleteSweepResponse* response) override;
  Writer<v1::WatchSweepResponse>* WatchSweep(Context* context, const v1::WatchSweepRequest* request) override;
  Writer<v1::ResultRow>* QueryResults(Context* context, const v1::QueryResultsRequest* request) override;
  Unary* ListArtifacts(Context* context, const v1::ListArtifactsRequest* request,
                       v1::ListArtifactsResponse* response) override;
  Writer<v1::BlobChunk>* FetchArtifact(Context* context, const v1::FetchArtifactRequest* request) override;
  grpc::ServerReadReactor<v1::BlobChunk>* PutBlob(Context* context, v1::PutBlobResponse* response) override;
  Unary* ListWorkers(Context* context, const v1::ListWorkersRequest* request,
                     v1::ListWorkersResponse* response) override;
  Unary* DrainWorker(Context* context, const v1::DrainWorkerRequest* request, v1::Worker* response) override;

 private:
  const RpcDependencies dependencies_;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_RPC_SWEEP_SERVICE_H_
