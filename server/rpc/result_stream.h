#ifndef PROBESWEEP_SERVER_RPC_RESULT_STREAM_H_
#define PROBESWEEP_SERVER_RPC_RESULT_STREAM_H_

#include <grpcpp/grpcpp.h>

#include <vector>

#include "probesweep/v1/sweep_service.pb.h"
#include "server/rpc/unary.h"

namespace probesweep::server {

// Sends the rows of a sweep's finished tasks, task by task in planned order. A task's outcome is read, on the
// executor, when the rows before it are on their way: a slow peer costs one task's rows of memory.
class ResultStream : public grpc::ServerWriteReactor<v1::ResultRow> {
 public:
  static ResultStream* Start(const RpcDependencies& dependencies, grpc::CallbackServerContext* context,
                             const v1::QueryResultsRequest& request);

  void OnWriteDone(bool ok) override;
  void OnDone() override { delete this; }

 private:
  ResultStream(const RpcDependencies& dependencies, grpc::CallbackServerContext* context)
      : dependencies_(dependencies), context_(context) {}

  // Each of these ends in exactly one of the others, in a write or in Finish: one thread at a time is here.
  void OnPlan(absl::StatusOr<ResultPlan> plan);
  void PostNextTask();
  void ReadTask();
  void SendRow();

  const RpcDependencies dependencies_;
  grpc::CallbackServerContext* const context_;
  ResultPlan plan_;
  size_t next_task_ = 0;
  std::vector<v1::ResultRow> rows_;  // of the task before next_task_
  size_t next_row_ = 0;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_RPC_RESULT_STREAM_H_
