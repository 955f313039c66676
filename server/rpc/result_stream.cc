#include "server/rpc/result_stream.h"

#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "server/rpc/convert_results.h"

namespace probesweep::server {

ResultStream* ResultStream::Start(const RpcDependencies& dependencies, grpc::CallbackServerContext* context,
                                  const v1::QueryResultsRequest& request) {
  auto* stream = new ResultStream(dependencies, context);
  // Each once: a name that is there a million times would be compared with each task a million times.
  const std::set<std::string> names(request.dimensions().begin(), request.dimensions().end());
  const std::vector<std::string> dimensions(names.begin(), names.end());
  const absl::Status posted =
      dependencies.coordinator->Post([stream, id = request.sweep_id(), dimensions](CoordinatorCore& core) {
        core.PlanResults(id, dimensions,
                         [stream](absl::StatusOr<ResultPlan> plan) { stream->OnPlan(std::move(plan)); });
      });
  if (!posted.ok()) stream->Finish(ToGrpcStatus(posted));
  return stream;
}

void ResultStream::OnPlan(absl::StatusOr<ResultPlan> plan) {
  if (!plan.ok()) return Finish(ToGrpcStatus(plan.status()));
  plan_ = *std::move(plan);
  PostNextTask();
}

void ResultStream::PostNextTask() {
  if (next_task_ == plan_.entries.size()) return Finish(grpc::Status::OK);
  const absl::Status posted = dependencies_.executor->Post([this] { ReadTask(); });
  if (!posted.ok()) Finish(ToGrpcStatus(posted));
}

void ResultStream::ReadTask() {
  if (context_->IsCancelled()) return Finish(grpc::Status::CANCELLED);
  const ResultPlan::Entry& entry = plan_.entries[next_task_++];
  const absl::StatusOr<Outcome> outcome = dependencies_.store->ReadOutcome(entry.reuse_key);
  if (absl::IsNotFound(outcome.status())) {
    return Finish(ToGrpcStatus(
        absl::NotFoundError(absl::StrCat("sweep '", plan_.sweep->id, "' was deleted while it was read"))));
  }
  if (!outcome.ok()) {
    return Finish(ToGrpcStatus(Annotate(outcome.status(), absl::StrCat("results of ", plan_.sweep->id))));
  }
  rows_ = ToRows(*plan_.sweep, entry, *outcome);
  next_row_ = 0;
  SendRow();
}

void ResultStream::SendRow() {
  // Without a buffer hint: in gRPC 1.51 a hinted write may wait until another call of the peer flushes it.
  StartWrite(&rows_[next_row_++]);
}

void ResultStream::OnWriteDone(bool ok) {
  if (!ok) return Finish(grpc::Status::CANCELLED);
  if (next_row_ < rows_.size()) return SendRow();
  PostNextTask();
}

}  // namespace probesweep::server
