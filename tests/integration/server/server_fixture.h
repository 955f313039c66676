// A whole coordinator in this process, on ports of its own, with the calls that tests make.
#ifndef PROBESWEEP_TESTS_INTEGRATION_SERVER_SERVER_FIXTURE_H_
#define PROBESWEEP_TESTS_INTEGRATION_SERVER_SERVER_FIXTURE_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "probesweep/v1/sweep_service.grpc.pb.h"
#include "probesweep/v1/worker_service.grpc.pb.h"
#include "server/server.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::server {

class ServerFixture : public ::testing::Test {
 protected:
  ServerFixture() { options_.shutdown_grace = absl::Seconds(2); }
  void SetUp() override { Start(); }

  // Starts over the same data folder.
  void Start();
  void Stop() { server_.reset(); }

  // A call's status in absl's words. `method` is a stub's blocking method; deadline: 10 s.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(Stub& stub,
                                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    Response response;
    const absl::Status status = ToAbsl((stub.*method)(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  }
  static absl::Status ToAbsl(const grpc::Status& status) {
    return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  }

  // --- SweepService ---
  using Sweeps = v1::SweepService::Stub;
  absl::StatusOr<v1::PutBlobResponse> PutBlob(const std::vector<v1::BlobChunk>& chunks);
  absl::StatusOr<v1::PutBlobResponse> PutBlob(const std::string& digest, const std::string& bytes);
  // A sweep over `checkpoints` folders, which are made, × dimensions "privacy" and "fairness".
  v1::SweepSpec Spec(const std::vector<std::string>& checkpoints = {"step0", "step16"});
  absl::StatusOr<v1::Sweep> Create(const v1::SweepSpec& spec, const std::string& request_id = "request-1");
  absl::StatusOr<v1::Sweep> Get(const std::string& id);
  absl::StatusOr<v1::Sweep> Cancel(const std::string& id);
  absl::StatusOr<std::vector<v1::ResultRow>> Results(const std::string& id,
                                                     const std::vector<std::string>& dimensions = {});
  absl::StatusOr<std::string> FetchArtifact(const std::string& digest, std::vector<size_t>* chunks = nullptr);

  // --- WorkerService ---
  using Workers = v1::WorkerService::Stub;
  absl::StatusOr<v1::RegisterWorkerResponse> Register(const std::string& worker,
                                                      const std::string& incarnation = "i1",
                                                      const std::string& engine_version = "");
  absl::StatusOr<v1::LeaseTasksResponse> Lease(const std::string& worker,
                                               absl::Duration wait = absl::Seconds(5),
                                               const std::string& incarnation = "i1");
  absl::StatusOr<v1::HeartbeatResponse> Heartbeat(const std::string& worker, const std::string& lease_id,
                                                  int layers_done = 0);
  // The commit of one granted task: two layers, one row each.
  static v1::CommitTaskRequest Commit(const v1::Grant& grant, int task, const std::string& worker);
  absl::StatusOr<v1::CommitTaskResponse> Send(const v1::CommitTaskRequest& request);
  // Registers "w", leases and commits until nothing is ready; the number of tasks done.
  int WorkOff();

  // --- HTTP ---
  struct HttpAnswer {
    int status = 0;
    std::string body;
  };
  HttpAnswer HttpGet(const std::string& path);
  // The value of a series, as `name{labels}`; -1 when it is not there.
  double Metric(const std::string& series);

  // Waits until `condition` holds, at most 5 s.
  static bool Eventually(const std::function<bool()>& condition);

  testing::TempDir folder_;
  ServerOptions options_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<Sweeps> sweeps_;
  std::unique_ptr<Workers> workers_;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_TESTS_INTEGRATION_SERVER_SERVER_FIXTURE_H_
