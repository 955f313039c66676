#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "client/client.h"
#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"
#include "tests/unit/client/fake_sweep_service.h"

namespace probesweep::client {
namespace {

const grpc::Status kDown(grpc::StatusCode::UNAVAILABLE, "starting");

v1::WatchSweepResponse State(v1::SweepState state) {
  v1::WatchSweepResponse response;
  *response.mutable_sweep() = MakeSweep("sw-1", "demo", state);
  return response;
}

TEST(ClientStreamsTest, UploadsInChunksAndAgainAfterABreak) {
  FakeCoordinator coordinator;
  coordinator.service.failures["PutBlob"] = {kDown};
  const std::string bytes((2 << 20) + 5, 'x');
  ASSERT_OK_AND_ASSIGN(const std::string digest, coordinator.NewClient()->PutBlob(bytes));
  EXPECT_EQ(digest, Sha256Hex(bytes));
  EXPECT_EQ(coordinator.service.blobs[digest], bytes);
  EXPECT_EQ(coordinator.service.calls["PutBlob chunks"], 3);
}

TEST(ClientStreamsTest, PassesOnEachRowOnceThoughTheStreamBroke) {
  FakeCoordinator coordinator;
  for (int layer = 0; layer < 6; ++layer)
    coordinator.service.rows.push_back(MakeRow("step0", "privacy", layer, {}));
  coordinator.service.break_after_rows = 4;
  std::vector<int> layers;
  EXPECT_OK(coordinator.NewClient()->QueryResults("sw-1", {}, [&](const v1::ResultRow& row) {
    layers.push_back(row.layer());
    return absl::OkStatus();
  }));
  EXPECT_THAT(layers, ::testing::ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST(ClientStreamsTest, SaysSoWhenTheRowsToGoOnFromAreGone) {
  FakeCoordinator coordinator;
  coordinator.service.rows = {MakeRow("step0", "privacy", 0, {}), MakeRow("step0", "privacy", 1, {})};
  coordinator.service.break_after_rows = 1;
  coordinator.service.lose_rows_on_break = true;
  EXPECT_STATUS(coordinator.NewClient()->QueryResults("sw-1", {},
                                                      [](const v1::ResultRow&) { return absl::OkStatus(); }),
                kAborted, "run it again");
}

TEST(ClientStreamsTest, EndsTheStreamWithTheReadersError) {
  FakeCoordinator coordinator;
  coordinator.service.rows = {MakeRow("step0", "privacy", 0, {}), MakeRow("step0", "privacy", 1, {})};
  int seen = 0;
  EXPECT_STATUS(coordinator.NewClient()->QueryResults("sw-1", {},
                                                      [&](const v1::ResultRow&) {
                                                        ++seen;
                                                        return absl::UnavailableError("disk gone");
                                                      }),
                kUnavailable, "disk gone");
  EXPECT_EQ(seen, 1);
}

TEST(ClientStreamsTest, WritesAnArtifactOnlyWhenItsBytesHaveTheDigest) {
  FakeCoordinator coordinator;
  const testing::TempDir folder;
  const std::string good = Sha256Hex("vectors");
  const std::string bad = Sha256Hex("other");
  coordinator.service.blobs = {{good, "vectors"}, {bad, "damaged"}};
  coordinator.service.failures["FetchArtifact"] = {kDown};
  const auto client = coordinator.NewClient();
  ASSERT_OK(client->FetchArtifact(good, folder.File("good")));
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(folder.File("good")));
  EXPECT_EQ(bytes, "vectors");
  EXPECT_STATUS(client->FetchArtifact(bad, folder.File("bad")), kDataLoss, bad);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(ClientStreamsTest, WatchesUntilTheSweepIsTerminal) {
  FakeCoordinator coordinator;
  coordinator.service.watches = {{State(v1::SWEEP_STATE_RUNNING), State(v1::SWEEP_STATE_FAILED)}};
  std::vector<v1::SweepState> seen;
  EXPECT_OK(coordinator.NewClient()->Watch("sw-1", {[&](const v1::WatchSweepResponse& state) {
                                                      seen.push_back(state.sweep().state());
                                                      return absl::OkStatus();
                                                    },
                                                    nullptr}));
  EXPECT_THAT(seen, ::testing::ElementsAre(v1::SWEEP_STATE_RUNNING, v1::SWEEP_STATE_FAILED));
}

TEST(ClientStreamsTest, OpensALostWatchAgain) {
  FakeCoordinator coordinator;
  coordinator.service.watches = {{State(v1::SWEEP_STATE_RUNNING)}, {}, {State(v1::SWEEP_STATE_SUCCEEDED)}};
  coordinator.service.failures["WatchSweep"] = {kDown, kDown};
  int lost = 0;
  int updates = 0;
  EXPECT_OK(coordinator.NewClient()->Watch("sw-1", {[&](const v1::WatchSweepResponse&) {
                                                      ++updates;
                                                      return absl::OkStatus();
                                                    },
                                                    [&](const absl::Status&) { ++lost; }}));
  EXPECT_EQ(updates, 2);
  EXPECT_EQ(lost, 2);
}

TEST(ClientStreamsTest, GivesAWatchUpWhenNobodyAnswersForLong) {
  FakeCoordinator coordinator;
  coordinator.service.failures["WatchSweep"] = std::deque<grpc::Status>(1000, kDown);
  const absl::Duration start = coordinator.time.Steady();
  EXPECT_STATUS(coordinator.NewClient()->Watch(
                    "sw-1", {[](const v1::WatchSweepResponse&) { return absl::OkStatus(); }, nullptr}),
                kUnavailable, "starting");
  EXPECT_GE(coordinator.time.Steady() - start, absl::Minutes(4));
  EXPECT_LE(coordinator.time.Steady() - start, absl::Minutes(5));
}

TEST(ClientStreamsTest, EndsAWatchOfASweepThatIsGone) {
  FakeCoordinator coordinator;
  EXPECT_STATUS(coordinator.NewClient()->Watch(
                    "sw-1", {[](const v1::WatchSweepResponse&) { return absl::OkStatus(); }, nullptr}),
                kNotFound, "no sweep");
}

}  // namespace
}  // namespace probesweep::client
