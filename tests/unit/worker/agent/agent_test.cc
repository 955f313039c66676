#include "worker/agent/agent.h"

#include <gtest/gtest.h>

#include "absl/synchronization/notification.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/worker/agent/agent_fixture.h"

namespace probesweep::worker {
namespace {

TEST_F(AgentTest, RunsAGrantCommitsEachTaskAndReleasesTheLease) {
  Offer(MakeGrant("l", {"truth", "privacy"}));
  engine_.outcomes = {OneLayer(), OneLayer()};
  ASSERT_OK(agent_->Run());
  ASSERT_EQ(engine_.requests.size(), 1u);
  EXPECT_EQ(engine_.requests[0].dimensions[1].dataset_csv, "csv 2");
  ASSERT_EQ(coordinator_.commits.size(), 2u);
  EXPECT_EQ(coordinator_.commits[0].task_id(), "task-truth");
  EXPECT_EQ(coordinator_.commits[0].checkpoint_digest(), "digest of the weights");
  const v1::Provenance& provenance = coordinator_.commits[0].provenance();
  EXPECT_EQ(provenance.tokenizer_digest(), "digest of the tokenizer");
  EXPECT_EQ(provenance.dataset_digest(), "digest of the dataset");
  EXPECT_EQ(provenance.configuration(), "probe_c=1");
  EXPECT_EQ(provenance.engine_version(), "2");
  EXPECT_EQ(provenance.device(), "cuda:1");
  EXPECT_EQ(provenance.dtype(), "bf16");
  EXPECT_EQ(coordinator_.commits[0].worker().incarnation(),
            coordinator_.registrations[0].worker().incarnation());
  ASSERT_EQ(coordinator_.releases.size(), 1u);
  EXPECT_EQ(coordinator_.releases[0].statistics().tokens(), 42);
}

TEST_F(AgentTest, ABadDimensionDoesNotStopTheOthers) {
  Offer(MakeGrant("l", {"truth", "privacy"}));
  engine_.outcomes = {absl::InvalidArgumentError("label 2"), OneLayer()};
  ASSERT_OK(agent_->Run());
  ASSERT_EQ(coordinator_.failures.size(), 1u);
  EXPECT_EQ(coordinator_.failures[0].task_id(), "task-truth");
  EXPECT_EQ(coordinator_.commits.size(), 1u);
}

TEST_F(AgentTest, ACorruptCheckpointFailsWhatWasNotReported) {
  Offer(MakeGrant("l", {"truth", "privacy"}));
  engine_.outcomes = {OneLayer()};
  engine_.pass_error = absl::DataLossError("layer 3 has NaN");
  ASSERT_OK(agent_->Run());
  EXPECT_EQ(coordinator_.commits.size(), 1u);
  ASSERT_EQ(coordinator_.failures.size(), 1u);
  EXPECT_EQ(coordinator_.failures[0].task_id(), "task-privacy");
  EXPECT_EQ(coordinator_.failures[0].kind(), v1::FAILURE_KIND_CHECKPOINT_CORRUPT);
  EXPECT_EQ(coordinator_.failures[0].error(), "layer 3 has NaN");
}

TEST_F(AgentTest, FetchesADatasetOnceForManyGrants) {
  Offer(MakeGrant("l1", {"truth"}));
  Offer(MakeGrant("l2", {"truth"}));
  engine_.outcomes = {OneLayer()};
  ASSERT_OK(agent_->Run());
  EXPECT_EQ(engine_.requests.size(), 2u);
  EXPECT_EQ(coordinator_.fetches, 1);
}

TEST_F(AgentTest, ACoordinatorThatIsAwayWhenDatasetsAreFetchedIsNoFailureOfTheTasks) {
  coordinator_.fetch_errors = {absl::UnavailableError("connection refused")};
  Offer(MakeGrant("l1", {"truth"}));
  Offer(MakeGrant("l2", {"truth"}));
  engine_.outcomes = {OneLayer()};
  ASSERT_OK(agent_->Run());
  EXPECT_TRUE(coordinator_.failures.empty());
  EXPECT_EQ(coordinator_.releases.size(), 2u);
  EXPECT_EQ(engine_.requests.size(), 1u);
  EXPECT_EQ(coordinator_.commits.size(), 1u);
}

TEST_F(AgentTest, ADatasetThatIsNotThereFailsItsOwnTaskAlone) {
  coordinator_.blobs.erase("digest-truth");
  Offer(MakeGrant("l", {"truth", "privacy"}));
  engine_.outcomes = {OneLayer()};
  ASSERT_OK(agent_->Run());
  ASSERT_EQ(engine_.requests.size(), 1u);
  ASSERT_EQ(engine_.requests[0].dimensions.size(), 1u);
  EXPECT_EQ(engine_.requests[0].dimensions[0].name, "privacy");
  ASSERT_EQ(coordinator_.commits.size(), 1u);
  EXPECT_EQ(coordinator_.commits[0].task_id(), "task-privacy");
  ASSERT_EQ(coordinator_.failures.size(), 1u);
  EXPECT_EQ(coordinator_.failures[0].task_id(), "task-truth");
  EXPECT_EQ(coordinator_.failures[0].kind(), v1::FAILURE_KIND_PERMANENT);
  EXPECT_EQ(coordinator_.failures[0].error(), "fetching dataset 'truth-set': no such blob");
}

TEST_F(AgentTest, ADatasetDamagedAtTheCoordinatorMayPassAndIsNoFaultOfTheCheckpoint) {
  coordinator_.fetch_errors = {absl::DataLossError("damaged on disk")};
  Offer(MakeGrant("l", {"truth", "privacy"}));
  engine_.outcomes = {OneLayer()};
  ASSERT_OK(agent_->Run());
  ASSERT_EQ(coordinator_.failures.size(), 1u);
  EXPECT_EQ(coordinator_.failures[0].kind(), v1::FAILURE_KIND_TRANSIENT);
  EXPECT_EQ(coordinator_.commits.size(), 1u);
}

TEST_F(AgentTest, WithoutAnyDatasetThereIsNoPass) {
  coordinator_.blobs.clear();
  Offer(MakeGrant("l", {"truth", "privacy"}));
  ASSERT_OK(agent_->Run());
  EXPECT_TRUE(engine_.requests.empty());
  EXPECT_EQ(coordinator_.failures.size(), 2u);
  EXPECT_EQ(coordinator_.releases.size(), 1u);
}

TEST_F(AgentTest, ACorruptCheckpointFailsTheTasksWhoseDatasetsWereThere) {
  coordinator_.blobs.erase("digest-truth");
  Offer(MakeGrant("l", {"truth", "privacy"}));
  engine_.pass_error = absl::DataLossError("layer 3 has NaN");
  ASSERT_OK(agent_->Run());
  ASSERT_EQ(coordinator_.failures.size(), 2u);
  EXPECT_EQ(coordinator_.failures[0].task_id(), "task-truth");
  EXPECT_EQ(coordinator_.failures[1].task_id(), "task-privacy");
  EXPECT_EQ(coordinator_.failures[1].kind(), v1::FAILURE_KIND_CHECKPOINT_CORRUPT);
}

TEST_F(AgentTest, HeartbeatsTellTheStepsOfThePass) {
  coordinator_.heartbeat_interval = absl::Milliseconds(5);
  absl::Notification told;
  coordinator_.on_heartbeat = [&](const v1::HeartbeatRequest& request) {
    v1::HeartbeatResponse response;
    for (const v1::LeaseProgress& lease : request.leases()) {
      response.add_renewed_lease_ids(lease.lease_id());
      // One for the dataset, two of the pass.
      if (lease.steps() == 3 && lease.layers_done() == 1 && !told.HasBeenNotified()) told.Notify();
    }
    return response;
  };
  engine_.during = [&](PassObserver& observer) {
    for (int step = 0; step < 2; ++step) observer.OnStep();
    EXPECT_TRUE(told.WaitForNotificationWithTimeout(absl::Seconds(10)));
  };
  engine_.outcomes = {OneLayer()};
  Offer(MakeGrant("l", {"truth"}));
  ASSERT_OK(agent_->Run());
  EXPECT_EQ(engine_.requests.size(), 1u);
}

TEST_F(AgentTest, ACoordinatorThatIsNotReachedAtFirstIsTriedAgain) {
  coordinator_.register_errors = {absl::UnavailableError("connection refused"),
                                  absl::DeadlineExceededError("no answer")};
  Offer(MakeGrant("l", {"truth"}));
  engine_.outcomes = {OneLayer()};
  ASSERT_OK(agent_->Run());
  EXPECT_EQ(coordinator_.registrations.size(), 3u);
  EXPECT_EQ(coordinator_.commits.size(), 1u);
}

TEST_F(AgentTest, RegistersAgainWhenTheCoordinatorForgotIt) {
  coordinator_.leases.push_back(absl::NotFoundError("register first"));
  Offer(MakeGrant("l", {"truth"}));
  engine_.outcomes = {OneLayer()};
  ASSERT_OK(agent_->Run());
  EXPECT_EQ(coordinator_.registrations.size(), 2u);
  EXPECT_EQ(coordinator_.commits.size(), 1u);
}

TEST_F(AgentTest, EndsWhenAnotherProcessTookItsPlace) {
  coordinator_.leases.push_back(absl::FailedPreconditionError("another incarnation"));
  EXPECT_STATUS(agent_->Run(), kFailedPrecondition, "worker w", "--id");
}

TEST_F(AgentTest, GivesThePassBackWhenStopped) {
  Offer(MakeGrant("l", {"truth"}));
  engine_.pass_error = absl::CancelledError("stopped");
  agent_->RequestStop();
  // Registered, then asked for nothing: stopping comes first.
  ASSERT_OK(agent_->Run());
  EXPECT_TRUE(engine_.requests.empty());
}

TEST_F(AgentTest, DrainingEndsTheWaitForWorkAndGivesBackAGrantThatCrossedIt) {
  coordinator_.on_lease = [this] { agent_->RequestDrain(); };
  coordinator_.leases.push_back(absl::CancelledError("the call was cancelled"));
  Offer(MakeGrant("crossed", {"truth"}));
  ASSERT_OK(agent_->Run());
  EXPECT_EQ(coordinator_.lease_cancels, 1);
  EXPECT_TRUE(engine_.requests.empty());
  ASSERT_EQ(coordinator_.releases.size(), 1u);
  EXPECT_EQ(coordinator_.releases[0].lease_id(), "crossed");
}

TEST_F(AgentTest, ARefusedRegistrationIsFinal) {
  coordinator_.register_errors = {absl::PermissionDeniedError("no")};
  EXPECT_STATUS(agent_->Run(), kPermissionDenied, "no");
}

}  // namespace
}  // namespace probesweep::worker
