#include "worker/agent/outcome_sender.h"

#include <gtest/gtest.h>

#include "common/digest.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/worker/agent/fake_coordinator.h"
#include "worker/agent/convert.h"

namespace probesweep::worker {
namespace {

using Ending = OutcomeSender::Ending;

class OutcomeSenderTest : public ::testing::Test {
 protected:
  OutcomeSenderTest() {
    keeper_.Track("lease-1", clock_.Steady());
    result_.layers.push_back({0, "released", {{"accuracy", 0.75}}});
    result_.artifacts.push_back({"probes", "bytes of a file"});
  }

  OutcomeSender::Result Send() {
    return sender_.Send(CommitOutcome(v1::WorkerIdentity(), grant_, grant_.tasks(0), result_));
  }

  ManualClock clock_;
  CountingRandom random_;
  FakeCoordinator coordinator_;
  LeaseKeeper keeper_{LeaseKeeper::Options(), v1::WorkerIdentity(), &coordinator_, &clock_, &random_};
  std::vector<absl::Duration> sleeps_;
  OutcomeSender sender_{&coordinator_, &keeper_, &random_, [this](absl::Duration duration) {
                          sleeps_.push_back(duration);
                          return !stopped_;
                        }};
  bool stopped_ = false;
  DimensionResult result_;
  const v1::Grant grant_ = MakeGrant("lease-1", {"truth"});
};

TEST_F(OutcomeSenderTest, UploadsArtifactsBeforeTheCommitThatNamesThem) {
  EXPECT_EQ(Send().ending, Ending::kAccepted);
  EXPECT_EQ(coordinator_.calls, (std::vector<std::string>{"artifact", "commit"}));
  const v1::CommitTaskRequest& commit = coordinator_.commits.at(0);
  EXPECT_EQ(commit.lease_id(), "lease-1");
  EXPECT_EQ(commit.epoch(), 3);
  EXPECT_EQ(commit.results(0).values().at("accuracy"), 0.75);
  EXPECT_EQ(commit.artifacts(0).digest(), Sha256Hex("bytes of a file"));
  EXPECT_EQ(coordinator_.artifacts.at(commit.artifacts(0).digest()), "bytes of a file");
}

TEST_F(OutcomeSenderTest, ARefusedArtifactIsReportedAsAFailureInFewWords) {
  coordinator_.artifact_error = absl::PermissionDeniedError(std::string(10'000, 'x'));
  const OutcomeSender::Result result = Send();
  EXPECT_EQ(result.ending, Ending::kRefused);
  EXPECT_STATUS(result.status, kPermissionDenied, "xxx");
  EXPECT_TRUE(coordinator_.commits.empty());
  ASSERT_EQ(coordinator_.failures.size(), 1u);
  EXPECT_LT(coordinator_.failures[0].error().size(), 2100u);
}

TEST_F(OutcomeSenderTest, GivesUpAtOnceWhenTheWorkerStops) {
  coordinator_.commit_errors = {absl::UnavailableError("down"), absl::UnavailableError("down")};
  stopped_ = true;
  EXPECT_EQ(Send().ending, Ending::kUnsent);
  EXPECT_EQ(coordinator_.commits.size(), 1u);
}

TEST_F(OutcomeSenderTest, TriesAgainWhileTheCoordinatorIsAwayOrKnowsNoTokenOfOurs) {
  coordinator_.commit_errors = {absl::UnavailableError("down"), absl::DeadlineExceededError("slow"),
                                absl::UnauthenticatedError("the token has expired")};
  EXPECT_EQ(Send().ending, Ending::kAccepted);
  EXPECT_EQ(coordinator_.commits.size(), 4u);
  ASSERT_EQ(sleeps_.size(), 3u);
  EXPECT_GT(sleeps_[0], absl::ZeroDuration());
}

TEST_F(OutcomeSenderTest, EveryTryIsProgressSoThatACoordinatorWithAFullDiskSeesNoHang) {
  coordinator_.commit_errors = {absl::ResourceExhaustedError("disk full"),
                                absl::ResourceExhaustedError("disk full")};
  EXPECT_EQ(Send().ending, Ending::kAccepted);
  keeper_.Beat();
  EXPECT_EQ(coordinator_.heartbeats.at(0).leases(0).steps(), 3) << "an artifact and two tries";
}

TEST_F(OutcomeSenderTest, DropsAResultWhoseLeaseIsStaleOrWhoseSweepIsGone) {
  coordinator_.commit_errors = {absl::AbortedError("stale epoch"), absl::NotFoundError("no such task")};
  EXPECT_EQ(Send().ending, Ending::kStale);
  EXPECT_EQ(Send().ending, Ending::kStale);
  EXPECT_TRUE(coordinator_.failures.empty());
}

TEST_F(OutcomeSenderTest, PublishesNothingUnderALostLease) {
  keeper_.Forget("lease-1");
  EXPECT_EQ(Send().ending, Ending::kStale);
  EXPECT_TRUE(coordinator_.calls.empty());
}

TEST_F(OutcomeSenderTest, PublishesNothingUnderADoubtfulLease) {
  clock_.Advance(absl::Seconds(26));  // 4 s before its end: inside the margin
  keeper_.StopWaiting();
  EXPECT_EQ(Send().ending, Ending::kUnsent);
  EXPECT_TRUE(coordinator_.calls.empty());
}

TEST_F(OutcomeSenderTest, ARefusedResultIsReportedAsAFailure) {
  coordinator_.commit_errors = {absl::InvalidArgumentError("no rows")};
  EXPECT_EQ(Send().ending, Ending::kRefused);
  ASSERT_EQ(coordinator_.failures.size(), 1u);
  EXPECT_EQ(coordinator_.failures[0].kind(), v1::FAILURE_KIND_PERMANENT);
  EXPECT_EQ(coordinator_.failures[0].error(), "the coordinator refused the result: no rows");
}

TEST_F(OutcomeSenderTest, ArtifactsThatTheCoordinatorThrewAwayMeanwhileAreSentOnceMore) {
  coordinator_.commit_errors = {absl::FailedPreconditionError("artifact is not uploaded")};
  EXPECT_EQ(Send().ending, Ending::kAccepted);
  EXPECT_EQ(coordinator_.calls, (std::vector<std::string>{"artifact", "commit", "artifact", "commit"}));
  coordinator_.commit_errors = {absl::FailedPreconditionError("not uploaded"),
                                absl::FailedPreconditionError("not uploaded")};
  EXPECT_EQ(Send().ending, Ending::kRefused) << "once, not for ever";
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
