#include "worker/agent/grpc_coordinator_client.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "probesweep/v1/worker_service.grpc.pb.h"
#include "tests/support/status_matchers.h"

namespace probesweep::worker {
namespace {

// One coordinator on a port of its own: answers heartbeats, or says what it is told to.
class Server : public v1::WorkerService::Service {
 public:
  Server() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~Server() override { server_->Shutdown(); }

  grpc::Status Heartbeat(grpc::ServerContext*, const v1::HeartbeatRequest*, v1::HeartbeatResponse*) override {
    ++heartbeats;
    return answer;
  }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

  std::atomic<int> heartbeats{0};
  grpc::Status answer;

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

TEST(GrpcCoordinatorClientTest, GoesOnToTheNextAddressAndStaysWithTheOneThatServes) {
  Server standby, leader;
  standby.answer = grpc::Status(grpc::StatusCode::UNAVAILABLE, "standby");
  ASSERT_OK_AND_ASSIGN(const auto client,
                       (MakeGrpcCoordinatorClient({"127.0.0.1:1", standby.address(), leader.address()})));
  EXPECT_STATUS(client->Heartbeat({}).status(), kUnavailable, "127.0.0.1:1");
  EXPECT_STATUS(client->Heartbeat({}).status(), kUnavailable, standby.address(), "standby");
  for (int i = 0; i < 3; ++i) EXPECT_OK(client->Heartbeat({}));
  EXPECT_EQ(standby.heartbeats, 1);
  EXPECT_EQ(leader.heartbeats, 3);
}

TEST(GrpcCoordinatorClientTest, ComesRoundToTheFirstAddress) {
  Server server;
  ASSERT_OK_AND_ASSIGN(const auto client, (MakeGrpcCoordinatorClient({server.address(), "127.0.0.1:1"})));
  server.answer = grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "paused");
  EXPECT_STATUS(client->Heartbeat({}).status(), kDeadlineExceeded, "paused");
  server.answer = grpc::Status::OK;
  EXPECT_STATUS(client->Heartbeat({}).status(), kUnavailable, "127.0.0.1:1");
  EXPECT_OK(client->Heartbeat({}));
}

TEST(GrpcCoordinatorClientTest, ConnectionsAreLookedAtOftenWhileEveryCallFails) {
  ASSERT_OK(MakeGrpcCoordinatorClient({"127.0.0.1:1"}));
  const char* interval = std::getenv("GRPC_CLIENT_CHANNEL_BACKUP_POLL_INTERVAL_MS");
  ASSERT_NE(interval, nullptr);
  EXPECT_LE(std::stoi(interval), 500) << "gRPC's own 5000 are most of a short lease";
}

TEST(GrpcCoordinatorClientTest, AnAnswerIsNoReasonToGoOn) {
  Server leader, other;
  leader.answer = grpc::Status(grpc::StatusCode::NOT_FOUND, "register first");
  ASSERT_OK_AND_ASSIGN(const auto client, (MakeGrpcCoordinatorClient({leader.address(), other.address()})));
  for (int i = 0; i < 2; ++i) EXPECT_STATUS(client->Heartbeat({}).status(), kNotFound, "register first");
  EXPECT_EQ(other.heartbeats, 0);
}

}  // namespace
}  // namespace probesweep::worker
