#include "client/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/unit/client/fake_sweep_service.h"

namespace probesweep::client {
namespace {

const grpc::Status kDown(grpc::StatusCode::UNAVAILABLE, "starting");

TEST(ClientTest, RefusesAddressesWithoutAPort) {
  for (const char* address : {"localhost", "host:", ":7077", "host:99999", "host:x"}) {
    ClientOptions options;
    options.addresses = {address};
    EXPECT_STATUS(Client::Connect(options), kInvalidArgument, address, "host:port");
  }
}

TEST(ClientTest, RepeatsCreateSweepUnderTheSameRequestId) {
  FakeCoordinator coordinator;
  coordinator.service.sweeps = {MakeSweep("sw-1", "demo")};
  coordinator.service.failures["CreateSweep"] = {kDown, kDown};
  ASSERT_OK_AND_ASSIGN(const v1::Sweep sweep,
                       coordinator.NewClient()->CreateSweep(v1::SweepSpec(), "request-1"));
  EXPECT_EQ(sweep.id(), "sw-1");
  ASSERT_EQ(coordinator.service.created.size(), 3u);
  for (const auto& request : coordinator.service.created) EXPECT_EQ(request.request_id(), "request-1");
}

TEST(ClientTest, NeverRepeatsADelete) {
  FakeCoordinator coordinator;
  coordinator.service.failures["DeleteSweep"] = {kDown};
  EXPECT_STATUS(coordinator.NewClient()->DeleteSweep("sw-1"), kUnavailable, "starting");
  EXPECT_EQ(coordinator.service.calls["DeleteSweep"], 1);
}

TEST(ClientTest, ReadsEveryPage) {
  FakeCoordinator coordinator;
  for (int i = 0; i < 5; ++i) {
    coordinator.service.sweeps.push_back(MakeSweep(absl::StrCat("sw-", i), "demo"));
    coordinator.service.tasks.emplace_back().set_id(absl::StrCat("t", i));
  }
  const auto client = coordinator.NewClient();
  ASSERT_OK_AND_ASSIGN(const auto tasks, client->ListTasks("sw-0"));
  ASSERT_EQ(tasks.size(), 5u);
  EXPECT_EQ(tasks[4].id(), "t4");
  ASSERT_OK_AND_ASSIGN(const auto sweeps, client->ListSweeps());
  EXPECT_EQ(sweeps.size(), 5u);
}

TEST(ClientTest, StopsReadingPagesAtTheLimit) {
  FakeCoordinator coordinator;
  for (int i = 0; i < 9; ++i) coordinator.service.sweeps.push_back(MakeSweep(absl::StrCat("sw-", i), "demo"));
  ASSERT_OK_AND_ASSIGN(const auto sweeps, coordinator.NewClient()->ListSweeps(3));
  ASSERT_EQ(sweeps.size(), 3u);
  EXPECT_EQ(coordinator.service.calls["ListSweeps"], 2);
}

TEST(ClientTest, ResolvesAnIdFirstAndThenTheNewestOfAName) {
  FakeCoordinator coordinator;
  coordinator.service.sweeps = {MakeSweep("sw-3", "other"), MakeSweep("sw-2", "demo"),
                                MakeSweep("sw-1", "demo")};
  const auto client = coordinator.NewClient();
  ASSERT_OK_AND_ASSIGN(const v1::Sweep by_id, client->ResolveSweep("sw-1"));
  EXPECT_EQ(by_id.id(), "sw-1");
  ASSERT_OK_AND_ASSIGN(const v1::Sweep by_name, client->ResolveSweep("demo"));
  EXPECT_EQ(by_name.id(), "sw-2");
}

TEST(ClientTest, NamesTheNearestAndTheKnownSweepsForAnUnknownOne) {
  FakeCoordinator coordinator;
  const auto client = coordinator.NewClient();
  EXPECT_STATUS(client->ResolveSweep("dmeo"), kNotFound, "dmeo", "none yet", "sweep submit");
  coordinator.service.sweeps = {MakeSweep("sw-1", "demo"), MakeSweep("sw-2", "pythia")};
  EXPECT_STATUS(client->ResolveSweep("dmeo"), kNotFound, "did you mean 'demo'?", "demo, pythia");
}

TEST(ClientTest, GoesOnToTheNextAddressWhenOneIsUnavailable) {
  FakeCoordinator first;
  FakeCoordinator second;
  first.service.failures["GetSweep"] = {kDown};
  second.service.sweeps = {MakeSweep("sw-2", "demo")};
  ClientOptions options;
  options.addresses = {"a:1", "b:1"};
  options.tools.clock = &first.time;
  options.tools.sleeper = &first.time;
  const auto client = Client::OverChannels({first.Channel(), second.Channel()}, options);
  ASSERT_OK_AND_ASSIGN(const v1::Sweep sweep, client->GetSweep("sw-2"));
  EXPECT_EQ(first.service.calls["GetSweep"], 1);
  EXPECT_EQ(second.service.calls["GetSweep"], 1);
}

TEST(ClientTest, GoesOnToTheNextAddressWhenOneDoesNotAnswer) {
  FakeCoordinator paused;
  FakeCoordinator leader;
  paused.service.failures["GetSweep"] = {grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "paused")};
  leader.service.sweeps = {MakeSweep("sw-2", "demo")};
  ClientOptions options;
  options.addresses = {"a:1", "b:1"};
  options.tools.clock = &paused.time;
  options.tools.sleeper = &paused.time;
  const auto client = Client::OverChannels({paused.Channel(), leader.Channel()}, options);
  for (int i = 0; i < 2; ++i) EXPECT_OK(client->GetSweep("sw-2"));
  EXPECT_EQ(paused.service.calls["GetSweep"], 1) << "it stays with the one that serves";
}

TEST(ClientTest, HasMoreAttemptsWithMoreAddressesSoThatAStandbyCanTakeOver) {
  FakeCoordinator gone;
  FakeCoordinator standby;
  gone.service.failures["GetSweep"] = std::deque<grpc::Status>(9, kDown);
  standby.service.failures["GetSweep"] = {kDown, kDown};
  standby.service.sweeps = {MakeSweep("sw-2", "demo")};
  ClientOptions options;
  options.addresses = {"a:1", "b:1"};
  options.tools.clock = &gone.time;
  options.tools.sleeper = &gone.time;
  const auto client = Client::OverChannels({gone.Channel(), standby.Channel()}, options);
  EXPECT_OK(client->GetSweep("sw-2")) << "at the sixth attempt; one address alone has five";
}

TEST(ClientTest, DrainsAWorker) {
  FakeCoordinator coordinator;
  coordinator.service.workers.emplace_back().set_id("box-cpu-0");
  const auto client = coordinator.NewClient();
  ASSERT_OK_AND_ASSIGN(const v1::Worker worker, client->DrainWorker("box-cpu-0"));
  EXPECT_EQ(worker.id(), "box-cpu-0");
  EXPECT_STATUS(client->DrainWorker("box-cpu-1"), kNotFound, "box-cpu-1");
}

}  // namespace
}  // namespace probesweep::client
