// Starting, stopping, starting again; what operators look at.
#include <grpcpp/generic/generic_stub.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "common/file.h"
#include "tests/integration/server/server_fixture.h"

namespace probesweep::server {
namespace {

using LifecycleTest = ServerFixture;

grpc::ByteBuffer Bytes(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string Text(const grpc::ByteBuffer& buffer) {
  grpc::Slice slice;
  EXPECT_TRUE(buffer.DumpToSingleSlice(&slice).ok());
  return std::string(reinterpret_cast<const char*>(slice.begin()), slice.size());
}

// One request and one response of any method, as bytes. Health and reflection have no stubs in Debian.
std::string CallBytes(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                      const std::string& request) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
  grpc::CompletionQueue queue;
  void* tag = nullptr;
  bool ok = false;
  const auto call = stub.PrepareCall(&context, method, &queue);
  call->StartCall(nullptr);
  EXPECT_TRUE(queue.Next(&tag, &ok) && ok);
  call->WriteLast(Bytes(request), grpc::WriteOptions(), nullptr);
  EXPECT_TRUE(queue.Next(&tag, &ok) && ok);
  grpc::ByteBuffer response;
  call->Read(&response, nullptr);
  EXPECT_TRUE(queue.Next(&tag, &ok) && ok);
  grpc::Status status;
  call->Finish(&status, nullptr);
  EXPECT_TRUE(queue.Next(&tag, &ok) && ok);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return ok ? Text(response) : "";
}

TEST_F(LifecycleTest, ARestartKeepsResultsAndLeases) {
  ASSERT_OK_AND_ASSIGN(const v1::Sweep sweep, Create(Spec({"step0"})));
  ASSERT_OK(Register("w"));
  ASSERT_OK_AND_ASSIGN(const v1::LeaseTasksResponse lease, Lease("w"));
  ASSERT_OK(Send(Commit(lease.grant(), 0, "w")));
  ASSERT_OK_AND_ASSIGN(const std::vector<v1::ResultRow> before, Results(sweep.id()));
  Stop();
  Start();
  ASSERT_OK_AND_ASSIGN(const v1::Sweep restored, Get(sweep.id()));
  EXPECT_EQ(restored.tasks().done(), 1);
  EXPECT_EQ(restored.tasks().leased(), 1);
  ASSERT_OK_AND_ASSIGN(const std::vector<v1::ResultRow> after, Results(sweep.id()));
  ASSERT_EQ(after.size(), before.size());
  for (size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(after[i].SerializeAsString(), before[i].SerializeAsString());
  }
  // The worker goes on under its lease as if nothing had happened.
  ASSERT_OK_AND_ASSIGN(const v1::HeartbeatResponse heartbeat, Heartbeat("w", lease.grant().lease_id()));
  EXPECT_THAT(heartbeat.renewed_lease_ids(), ::testing::ElementsAre(lease.grant().lease_id()));
  ASSERT_OK_AND_ASSIGN(const v1::CommitTaskResponse repeated, Send(Commit(lease.grant(), 0, "w")));
  EXPECT_TRUE(repeated.already_committed());
  ASSERT_OK(Send(Commit(lease.grant(), 1, "w")));
  ASSERT_OK_AND_ASSIGN(const v1::Sweep done, Get(sweep.id()));
  EXPECT_EQ(done.state(), v1::SWEEP_STATE_SUCCEEDED);
}

TEST_F(LifecycleTest, AStopAnswersWhoeverWaits) {
  ASSERT_OK_AND_ASSIGN(const v1::Sweep open, Create(Spec({"step0"})));
  ASSERT_OK(Register("busy"));
  ASSERT_OK(Lease("busy"));
  ASSERT_OK(Register("idle"));
  v1::WatchSweepRequest request;
  request.set_sweep_id(open.id());
  grpc::ClientContext watch_context;
  const auto watch = sweeps_->WatchSweep(&watch_context, request);
  v1::WatchSweepResponse response;
  ASSERT_TRUE(watch->Read(&response));
  absl::StatusOr<v1::LeaseTasksResponse> poll;
  const absl::Time before_poll = absl::Now();
  std::thread poller([&] { poll = Lease("idle", absl::Seconds(9)); });
  // A worker whose poll is parked counts as seen.
  EXPECT_TRUE(Eventually([&] {
    const auto list = Call(*sweeps_, &Sweeps::ListWorkers, v1::ListWorkersRequest());
    for (const v1::Worker& worker : list->workers()) {
      if (worker.id() == "idle" && worker.last_seen().seconds() * 1'000'000'000 + worker.last_seen().nanos() >
                                       absl::ToUnixNanos(before_poll)) {
        return true;
      }
    }
    return false;
  }));
  const absl::Time start = absl::Now();
  server_->Shutdown();
  EXPECT_LT(absl::Now() - start, absl::Seconds(2));
  poller.join();
  EXPECT_STATUS(poll, kUnavailable, "stopping");
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_STATUS(ToAbsl(watch->Finish()), kUnavailable, "stopping");
}

TEST_F(LifecycleTest, MonitoringIsServedOverHttp) {
  EXPECT_EQ(HttpGet("/healthz").status, 200);
  const HttpAnswer ready = HttpGet("/readyz");
  EXPECT_EQ(ready.status, 200);
  EXPECT_EQ(ready.body, "ready\n");
  ASSERT_OK(Create(Spec()));
  EXPECT_TRUE(Eventually([&] { return Metric("probesweep_tasks{state=\"ready\"}") == 4; }));
  EXPECT_EQ(Metric("probesweep_rpcs_total{code=\"OK\",method=\"SweepService/CreateSweep\"}"), 1);
  EXPECT_EQ(Metric("probesweep_rpc_duration_seconds_count{method=\"SweepService/CreateSweep\"}"), 1);
  EXPECT_GE(Metric("probesweep_store_operation_duration_seconds_count{operation=\"commit\"}"), 1);
  EXPECT_EQ(Metric("probesweep_store_operation_duration_seconds_count{operation=\"load\"}"), 1);
  EXPECT_EQ(Metric("probesweep_queue_depth{queue=\"requests\"}"), 0);
}

// While it lives no byte can be written to any regular file of this process, as on a full disk.
class FullDisk {
 public:
  FullDisk() : old_handler_(::signal(SIGXFSZ, SIG_IGN)) {
    EXPECT_EQ(::getrlimit(RLIMIT_FSIZE, &old_limit_), 0);
    rlimit none = old_limit_;
    none.rlim_cur = 0;
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &old_limit_);
    ::signal(SIGXFSZ, old_handler_);
  }

 private:
  sighandler_t const old_handler_;
  rlimit old_limit_{};
};

TEST_F(LifecycleTest, WhileTheStoreTakesNoChangesItIsNotReadyThoughItCanBeRead) {
  ASSERT_OK_AND_ASSIGN(const v1::Sweep sweep, Create(Spec()));
  {
    const FullDisk full;
    EXPECT_STATUS(Cancel(sweep.id()), kUnavailable, "store");
    EXPECT_OK(Get(sweep.id()));
    const HttpAnswer ready = HttpGet("/readyz");
    EXPECT_EQ(ready.status, 503);
    EXPECT_THAT(ready.body, ::testing::HasSubstr("the store takes no changes"));
    EXPECT_EQ(HttpGet("/healthz").status, 200);
  }
  EXPECT_TRUE(Eventually([&] { return HttpGet("/readyz").status == 200; }));
  EXPECT_OK(Cancel(sweep.id()));
}

TEST_F(LifecycleTest, HealthAndReflectionAreServed) {
  // HealthCheckResponse{status: SERVING}; HealthCheckRequest{} and {service: …}.
  const std::string serving("\x08\x01", 2);
  const std::string service = "probesweep.v1.WorkerService";
  EXPECT_EQ(CallBytes(channel_, "/grpc.health.v1.Health/Check", ""), serving);
  EXPECT_EQ(CallBytes(channel_, "/grpc.health.v1.Health/Check", "\x0a\x1b" + service), serving);
  // ServerReflectionRequest{list_services: ""}.
  const std::string services = CallBytes(
      channel_, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", std::string("\x3a\x00", 2));
  EXPECT_THAT(services, ::testing::HasSubstr(service));
  EXPECT_THAT(services, ::testing::HasSubstr("probesweep.v1.SweepService"));
  EXPECT_EQ(Metric("probesweep_rpcs_total{code=\"OK\",method=\"other\"}"), 3);
}

TEST_F(LifecycleTest, TheReadyFileNamesTheAddressesWhileServing) {
  Stop();
  options_.ready_file = folder_.path() + "/ready.json";
  ASSERT_OK(WriteFileAtomically(options_.ready_file, "left behind"));
  Start();
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(options_.ready_file));
  const nlohmann::json ready = nlohmann::json::parse(text);
  EXPECT_EQ(ready["grpc"], server_->grpc_address());
  EXPECT_EQ(ready["http"], server_->http_address());
  Stop();
  EXPECT_STATUS(ReadFile(options_.ready_file), kNotFound);
}

class RefusedStartTest : public ServerFixture {
 protected:
  absl::Status StartAnother(const std::function<void(ServerOptions&)>& change) {
    ServerOptions options = options_;
    options.data_folder = folder_.path() + "/other";
    change(options);
    return Server::Start(options).status();
  }
};

TEST_F(RefusedStartTest, AStoreOrFolderInUse) {
  const std::string data = options_.data_folder;
  EXPECT_STATUS(StartAnother([&](ServerOptions& o) { o.data_folder = data; }), kFailedPrecondition,
                "locked by another coordinator", "--store");
  EXPECT_STATUS(StartAnother([&](ServerOptions& o) {
                  o.data_folder = data;
                  o.store_uri = "sqlite://" + folder_.path() + "/another.db";
                }),
                kFailedPrecondition, data, "--data");
}

// To another store all blobs would be nobody's.
TEST_F(RefusedStartTest, ADataFolderThatBelongsToAnotherStore) {
  Stop();
  const auto with_another_store = [&](ServerOptions& o) {
    o.data_folder = options_.data_folder;
    o.store_uri = "sqlite://" + folder_.path() + "/another.db";
  };
  const std::string mark = options_.data_folder + "/blobs/store";
  EXPECT_STATUS(StartAnother(with_another_store), kFailedPrecondition, mark, "--data");
  ASSERT_EQ(::unlink(mark.c_str()), 0);
  EXPECT_OK(StartAnother(with_another_store)) << "as the message says";
}

TEST_F(RefusedStartTest, APortInUse) {
  EXPECT_STATUS(StartAnother([&](ServerOptions& o) { o.listen_address = server_->grpc_address(); }),
                kUnavailable, server_->grpc_address(), "in use", "--listen");
  EXPECT_STATUS(StartAnother([&](ServerOptions& o) { o.http_address = server_->http_address(); }),
                kUnavailable, server_->http_address(), "in use", "--http");
}

TEST_F(RefusedStartTest, AnAddressThatOthersReach) {
  EXPECT_STATUS(StartAnother([&](ServerOptions& o) { o.listen_address = "0.0.0.0:0"; }), kFailedPrecondition,
                "0.0.0.0", "--insecure");
  EXPECT_STATUS(StartAnother([&](ServerOptions& o) { o.http_address = "0.0.0.0:0"; }), kFailedPrecondition,
                "0.0.0.0", "--insecure");
}

TEST_F(RefusedStartTest, ADataFolderOrStoreThatCannotBeUsed) {
  const std::string file = folder_.path() + "/file";
  ASSERT_OK(WriteFileAtomically(file, "x"));
  EXPECT_STATUS(StartAnother([&](ServerOptions& o) { o.data_folder = file + "/data"; }), kFailedPrecondition,
                file + "/data", "--data");
  EXPECT_STATUS(StartAnother([&](ServerOptions& o) { o.store_uri = "mysql://x"; }), kInvalidArgument,
                "mysql://x", "sqlite:///");
  ASSERT_OK(WriteFileAtomically(file, std::string(8192, 'x')));
  EXPECT_STATUS(StartAnother([&](ServerOptions& o) { o.store_uri = "sqlite://" + file; }), kDataLoss, file);
}

}  // namespace
}  // namespace probesweep::server
