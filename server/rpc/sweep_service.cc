#include "server/rpc/sweep_service.h"

#include <utility>

#include "server/rpc/blob_streams.h"
#include "server/rpc/convert_results.h"
#include "server/rpc/result_stream.h"
#include "server/rpc/watch_stream.h"

namespace probesweep::server {
namespace {

// Reads what the finished tasks left and lists it. Blocks on the store.
absl::Status CollectArtifacts(Store& store, const ResultPlan& plan, v1::ListArtifactsResponse& response) {
  for (const ResultPlan::Entry& entry : plan.entries) {
    absl::StatusOr<Outcome> outcome = store.ReadOutcome(entry.reuse_key);
    if (!outcome.ok()) return outcome.status();
    AddArtifacts(*plan.sweep, entry, *outcome, response);
  }
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* SweepServiceImpl::CreateSweep(Context* context,
                                                        const v1::CreateSweepRequest* request,
                                                        v1::Sweep* response) {
  Unary* reactor = context->DefaultReactor();
  absl::StatusOr<SweepSpec> spec = FromProto(request->spec());
  absl::Status status = spec.status();
  if (status.ok()) status = Validate(*spec);
  if (status.ok()) {
    // Planning looks at every checkpoint's folder.
    status = dependencies_.executor->Post([d = dependencies_, request_id = request->request_id(),
                                           spec = *std::move(spec), reactor, response] {
      absl::StatusOr<Plan> plan = PlanCheckpoints(spec, *d.folders);
      Ask<SweepView>(
          *d.coordinator, reactor, response,
          [request_id, spec, plan = std::move(plan)](CoordinatorCore& core, Reply<SweepView> reply) mutable {
            core.CreateSweep(request_id, spec, std::move(plan), std::move(reply));
          });
    });
  }
  if (!status.ok()) reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

grpc::ServerUnaryReactor* SweepServiceImpl::GetSweep(Context* context, const v1::GetSweepRequest* request,
                                                     v1::Sweep* response) {
  Unary* reactor = context->DefaultReactor();
  Ask<SweepView>(*dependencies_.coordinator, reactor, response,
                 [id = request->sweep_id()](CoordinatorCore& core, Reply<SweepView> reply) {
                   core.GetSweep(id, std::move(reply));
                 });
  return reactor;
}

grpc::ServerUnaryReactor* SweepServiceImpl::ListSweeps(Context* context, const v1::ListSweepsRequest* request,
                                                       v1::ListSweepsResponse* response) {
  Unary* reactor = context->DefaultReactor();
  Ask<Page<SweepView>>(*dependencies_.coordinator, reactor, response,
                       [size = request->page_size(), token = request->page_token()](
                           CoordinatorCore& core, Reply<Page<SweepView>> reply) {
                         core.ListSweeps(size, token, std::move(reply));
                       });
  return reactor;
}

grpc::ServerUnaryReactor* SweepServiceImpl::ListTasks(Context* context, const v1::ListTasksRequest* request,
                                                      v1::ListTasksResponse* response) {
  Unary* reactor = context->DefaultReactor();
  Ask<Page<TaskView>>(*dependencies_.coordinator, reactor, response,
                      [id = request->sweep_id(), size = request->page_size(), token = request->page_token()](
                          CoordinatorCore& core, Reply<Page<TaskView>> reply) {
                        core.ListTasks(id, size, token, std::move(reply));
                      });
  return reactor;
}

grpc::ServerUnaryReactor* SweepServiceImpl::CancelSweep(Context* context,
                                                        const v1::CancelSweepRequest* request,
                                                        v1::Sweep* response) {
  Unary* reactor = context->DefaultReactor();
  Ask<SweepView>(*dependencies_.coordinator, reactor, response,
                 [id = request->sweep_id()](CoordinatorCore& core, Reply<SweepView> reply) {
                   core.CancelSweep(id, std::move(reply));
                 });
  return reactor;
}

grpc::ServerUnaryReactor* SweepServiceImpl::RetrySweep(Context* context, const v1::RetrySweepRequest* request,
                                                       v1::Sweep* response) {
  Unary* reactor = context->DefaultReactor();
  Ask<SweepView>(*dependencies_.coordinator, reactor, response,
                 [id = request->sweep_id()](CoordinatorCore& core, Reply<SweepView> reply) {
                   core.RetrySweep(id, std::move(reply));
                 });
  return reactor;
}

grpc::ServerUnaryReactor* SweepServiceImpl::DeleteSweep(Context* context,
                                                        const v1::DeleteSweepRequest* request,
                                                        v1::DeleteSweepResponse* response) {
  Unary* reactor = context->DefaultReactor();
  Ask<std::string>(*dependencies_.coordinator, reactor, response,
                   [id = request->sweep_id()](CoordinatorCore& core, Reply<std::string> reply) {
                     core.DeleteSweep(id, std::move(reply));
                   });
  return reactor;
}

grpc::ServerWriteReactor<v1::WatchSweepResponse>* SweepServiceImpl::WatchSweep(
    Context*, const v1::WatchSweepRequest* request) {
  return WatchStream::Start(dependencies_, request->sweep_id());
}

grpc::ServerWriteReactor<v1::ResultRow>* SweepServiceImpl::QueryResults(
    Context* context, const v1::QueryResultsRequest* request) {
  return ResultStream::Start(dependencies_, context, *request);
}

grpc::ServerUnaryReactor* SweepServiceImpl::ListArtifacts(Context* context,
                                                          const v1::ListArtifactsRequest* request,
                                                          v1::ListArtifactsResponse* response) {
  Unary* reactor = context->DefaultReactor();
  const auto list = [d = dependencies_, reactor, response](absl::StatusOr<ResultPlan> plan) {
    absl::Status status = plan.status();
    if (status.ok()) {
      status = d.executor->Post([d, reactor, response, plan = *std::move(plan)] {
        reactor->Finish(ToGrpcStatus(CollectArtifacts(*d.store, plan, *response)));
      });
    }
    if (!status.ok()) reactor->Finish(ToGrpcStatus(status));
  };
  const absl::Status posted = dependencies_.coordinator->Post(
      [id = request->sweep_id(), list](CoordinatorCore& core) { core.PlanResults(id, {}, list); });
  if (!posted.ok()) reactor->Finish(ToGrpcStatus(posted));
  return reactor;
}

grpc::ServerWriteReactor<v1::BlobChunk>* SweepServiceImpl::FetchArtifact(
    Context* context, const v1::FetchArtifactRequest* request) {
  return BlobDownload::Start(dependencies_, context, request->digest());
}

grpc::ServerReadReactor<v1::BlobChunk>* SweepServiceImpl::PutBlob(Context*, v1::PutBlobResponse* response) {
  return BlobUpload<v1::PutBlobResponse>::Start(dependencies_, response);
}

grpc::ServerUnaryReactor* SweepServiceImpl::ListWorkers(Context* context, const v1::ListWorkersRequest*,
                                                        v1::ListWorkersResponse* response) {
  Unary* reactor = context->DefaultReactor();
  Ask<std::vector<WorkerView>>(*dependencies_.coordinator, reactor, response,
                               [](CoordinatorCore& core, Reply<std::vector<WorkerView>> reply) {
                                 core.ListWorkers(std::move(reply));
                               });
  return reactor;
}

grpc::ServerUnaryReactor* SweepServiceImpl::DrainWorker(Context* context,
                                                        const v1::DrainWorkerRequest* request,
                                                        v1::Worker* response) {
  Unary* reactor = context->DefaultReactor();
  Ask<WorkerView>(*dependencies_.coordinator, reactor, response,
                  [id = request->worker_id()](CoordinatorCore& core, Reply<WorkerView> reply) {
                    core.DrainWorker(id, std::move(reply));
                  });
  return reactor;
}

}  // namespace probesweep::server
