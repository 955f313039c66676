#include "worker/agent/publisher.h"

#include <gtest/gtest.h>

#include "common/digest.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/worker/agent/fake_coordinator.h"
#include "worker/agent/convert.h"

namespace probesweep::worker {
namespace {

class PublisherTest : public ::testing::Test {
 protected:
  PublisherTest() { keeper_.Track("lease-1", clock_.Steady()); }

  static DimensionResult OneLayer() {
    DimensionResult result;
    result.layers.push_back({0, "released", {{"accuracy", 0.75}}});
    result.artifacts.push_back({"probes", "bytes of a file"});
    return result;
  }

  ManualClock clock_;
  CountingRandom random_;
  FakeCoordinator coordinator_;
  LeaseKeeper keeper_{LeaseKeeper::Options(), v1::WorkerIdentity(), &coordinator_, &clock_, &random_};
  std::vector<absl::Duration> sleeps_;
  Publisher publisher_{v1::WorkerIdentity(), &coordinator_, &keeper_, &random_,
                       [this](absl::Duration duration) {
                         sleeps_.push_back(duration);
                         return !stopped_;
                       }};
  bool stopped_ = false;
  const v1::Grant grant_ = MakeGrant("lease-1", {"truth"});
};

TEST_F(PublisherTest, UploadsArtifactsBeforeTheCommitThatNamesThem) {
  ASSERT_OK(publisher_.Publish(grant_, grant_.tasks(0), OneLayer()));
  ASSERT_EQ(coordinator_.commits.size(), 1u);
  const v1::CommitTaskRequest& commit = coordinator_.commits[0];
  EXPECT_EQ(commit.lease_id(), "lease-1");
  EXPECT_EQ(commit.epoch(), 3);
  EXPECT_EQ(commit.results(0).values().at("accuracy"), 0.75);
  EXPECT_EQ(commit.artifacts(0).digest(), Sha256Hex("bytes of a file"));
  EXPECT_EQ(coordinator_.artifacts.at(commit.artifacts(0).digest()), "bytes of a file");
}

TEST_F(PublisherTest, ARefusedArtifactIsReportedAsAFailureInFewWords) {
  coordinator_.artifact_error = absl::PermissionDeniedError(std::string(10'000, 'x'));
  EXPECT_STATUS(publisher_.Publish(grant_, grant_.tasks(0), OneLayer()), kPermissionDenied, "xxx");
  EXPECT_TRUE(coordinator_.commits.empty());
  ASSERT_EQ(coordinator_.failures.size(), 1u);
  EXPECT_LT(coordinator_.failures[0].error().size(), 2100u);
}

TEST_F(PublisherTest, GivesUpAtOnceWhenTheWorkerStops) {
  coordinator_.commit_errors = {absl::UnavailableError("down"), absl::UnavailableError("down")};
  stopped_ = true;
  EXPECT_STATUS(publisher_.Publish(grant_, grant_.tasks(0), OneLayer()), kCancelled, "stopping");
  EXPECT_EQ(coordinator_.commits.size(), 1u);
}

TEST_F(PublisherTest, TriesAgainWhileTheCoordinatorIsAway) {
  coordinator_.commit_errors = {absl::UnavailableError("down"), absl::DeadlineExceededError("slow")};
  ASSERT_OK(publisher_.Publish(grant_, grant_.tasks(0), OneLayer()));
  EXPECT_EQ(coordinator_.commits.size(), 3u);
  ASSERT_EQ(sleeps_.size(), 2u);
  EXPECT_GT(sleeps_[0], absl::ZeroDuration());
}

TEST_F(PublisherTest, DropsAResultWhoseLeaseIsStale) {
  coordinator_.commit_errors = {absl::AbortedError("stale epoch")};
  EXPECT_STATUS(publisher_.Publish(grant_, grant_.tasks(0), OneLayer()), kAborted, "stale");
  EXPECT_TRUE(coordinator_.failures.empty());
}

TEST_F(PublisherTest, PublishesNothingUnderALostLease) {
  keeper_.Forget("lease-1");
  EXPECT_STATUS(publisher_.Publish(grant_, grant_.tasks(0), OneLayer()), kAborted, "lost");
  EXPECT_TRUE(coordinator_.commits.empty());
  EXPECT_TRUE(coordinator_.artifacts.empty());
}

TEST_F(PublisherTest, ARefusedResultIsReportedAsAFailure) {
  coordinator_.commit_errors = {absl::InvalidArgumentError("no rows")};
  EXPECT_STATUS(publisher_.Publish(grant_, grant_.tasks(0), OneLayer()), kInvalidArgument, "no rows");
  ASSERT_EQ(coordinator_.failures.size(), 1u);
  EXPECT_EQ(coordinator_.failures[0].kind(), v1::FAILURE_KIND_PERMANENT);
}

struct KindCase {
  absl::StatusCode code;
  v1::FailureKind kind;
};

TEST(FailureKind, FollowsTheStatusCode) {
  const KindCase cases[] = {
      {absl::StatusCode::kDataLoss, v1::FAILURE_KIND_CHECKPOINT_CORRUPT},
      {absl::StatusCode::kInvalidArgument, v1::FAILURE_KIND_PERMANENT},
      {absl::StatusCode::kNotFound, v1::FAILURE_KIND_PERMANENT},
      {absl::StatusCode::kUnimplemented, v1::FAILURE_KIND_PERMANENT},
      {absl::StatusCode::kPermissionDenied, v1::FAILURE_KIND_PERMANENT},
      {absl::StatusCode::kResourceExhausted, v1::FAILURE_KIND_TRANSIENT},
      {absl::StatusCode::kUnavailable, v1::FAILURE_KIND_TRANSIENT},
      {absl::StatusCode::kInternal, v1::FAILURE_KIND_TRANSIENT},
  };
  for (const KindCase& c : cases) EXPECT_EQ(FailureKindFor(absl::Status(c.code, "")), c.kind) << c.code;
}

}  // namespace
}  // namespace probesweep::worker
