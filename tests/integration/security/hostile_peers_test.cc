// Peers that send too much, too often, or nothing.
#include <thread>

#include "tests/integration/security/security_fixture.h"

namespace probesweep::server {
namespace {

class HostilePeersTest : public SecurityFixture {
 protected:
  void SetUp() override {
    WriteLogins(TokenLines());
    Start();
    healthy_ = ConnectPlainly(TokenOf(Role::kRead));
    ASSERT_TRUE(Served(healthy_));
  }
  // By a client that was connected, and by one that comes now.
  void ExpectHealthyServed() {
    const absl::Time start = absl::Now();
    EXPECT_TRUE(Served(healthy_));
    EXPECT_TRUE(Served(ConnectPlainly(TokenOf(Role::kRead))));
    EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  }

  std::shared_ptr<grpc::Channel> healthy_;
};

TEST_F(HostilePeersTest, OversizedMetadataIsRefused) {
  const auto channel = ConnectPlainly(TokenOf(Role::kRead));
  for (const size_t size : {20'000, 1'000'000}) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    context.AddMetadata("x-padding", std::string(size, 'x'));
    v1::ListWorkersResponse response;
    const grpc::Status status =
        v1::SweepService::NewStub(channel)->ListWorkers(&context, v1::ListWorkersRequest(), &response);
    // Of far too much gRPC may close the connection before the answer is read.
    const bool closed = size > 100'000 && status.error_code() == grpc::StatusCode::UNAVAILABLE;
    EXPECT_TRUE(closed || status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED)
        << status.error_code() << " " << status.error_message();
  }
  ExpectHealthyServed();
}

TEST_F(HostilePeersTest, AnOversizedMessageIsRefused) {
  const auto channel = ConnectPlainly(TokenOf(Role::kSubmit));
  v1::CreateSweepRequest request;
  request.mutable_spec()->set_name(std::string(65 << 20, 'x'));
  grpc::ClientContext context;
  v1::Sweep response;
  const grpc::Status status = v1::SweepService::NewStub(channel)->CreateSweep(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
  ExpectHealthyServed();
}

TEST_F(HostilePeersTest, AMessageOfOneWithoutALoginIsNotRead) {
  const auto channel = ConnectPlainly();
  v1::CreateSweepRequest request;
  request.mutable_spec()->set_name(std::string(60 << 20, 'x'));
  grpc::ClientContext context;
  v1::Sweep response;
  const grpc::Status status = v1::SweepService::NewStub(channel)->CreateSweep(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << status.error_message();
  ExpectHealthyServed();
}

TEST_F(HostilePeersTest, StreamsThatAreOpenedAndResetAtOnceDisturbNobody) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      const auto channel = ConnectPlainly(TokenOf(Role::kRead));
      const auto stub = v1::SweepService::NewStub(channel);
      for (int j = 0; j < 2'000; ++j) {
        grpc::ClientContext context;
        const auto reader = stub->WatchSweep(&context, v1::WatchSweepRequest());
        context.TryCancel();
        reader->Finish();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ExpectHealthyServed();
}

}  // namespace
}  // namespace probesweep::server
