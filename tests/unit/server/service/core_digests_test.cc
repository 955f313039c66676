// Which weights results were computed from.
#include "common/digest.h"
#include "tests/unit/server/service/core_fixture.h"

namespace probesweep::server {
namespace {

Outcome OutcomeOf(const std::string& weights) { return testing::SampleOutcome(0.75, weights); }

TEST_F(CoreTest, AResultIsStoredWithTheDigestOfItsWeights) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  ASSERT_OK(Commit(Claim(w1_, MustLease(w1_), 0), OutcomeOf("a")));
  const Task task = Tasks(id)[0];
  EXPECT_EQ(task.checkpoint_digest, Sha256Hex("a"));
  ASSERT_OK_AND_ASSIGN(const Outcome stored, store_.ReadOutcome(task.reuse_key));
  EXPECT_EQ(stored.checkpoint_digest, Sha256Hex("a"));
}

TEST_F(CoreTest, ACommitWithoutADigestIsRefusedAndTheTaskStaysLeased) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  Outcome outcome = OutcomeOf("a");
  outcome.checkpoint_digest.clear();
  EXPECT_STATUS(Commit(Claim(w1_, MustLease(w1_), 0), outcome), kInvalidArgument, "checkpoint_digest");
  EXPECT_EQ(Counts(id)[TaskState::kLeased], 2);
}

TEST_F(CoreTest, ACommitThatWasComputedFromAnotherDatasetOrConfigurationIsRefused) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  const TaskClaim claim = Claim(w1_, grant, 1);
  EXPECT_STATUS(CommitAsIs(claim, Granted(grant, 0)), kInvalidArgument, claim.task_id,
                "provenance.dataset_digest");
  Outcome outcome = Granted(grant, 1);
  outcome.provenance.configuration = "protocols=paper";
  EXPECT_STATUS(CommitAsIs(claim, outcome), kInvalidArgument, claim.task_id, "protocols=paper");
  EXPECT_EQ(Counts(id)[TaskState::kLeased], 2);
  EXPECT_OK(CommitAsIs(claim, Granted(grant, 1)));
}

TEST_F(CoreTest, EachResultFromOtherWeightsThanAnEarlierOneOfItsCheckpointIsCounted) {
  ASSERT_OK(Create(testing::SampleSpec({"a", "b", "c", "d"}), 1, "r"));
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  ASSERT_OK(Commit(Claim(w1_, grant, 2), OutcomeOf("before")));
  ASSERT_OK(Commit(Claim(w1_, grant, 1), OutcomeOf("before")));
  EXPECT_EQ(observer_.digest_conflicts, 0);
  ASSERT_OK(Commit(Claim(w1_, grant, 3), OutcomeOf("after")));
  EXPECT_EQ(observer_.digest_conflicts, 1);
  ASSERT_OK(Commit(Claim(w1_, grant, 0), OutcomeOf("after")));
  EXPECT_EQ(observer_.digest_conflicts, 2) << "also of the first dimension";
}

TEST_F(CoreTest, OtherCheckpointsAndOtherSweepsMayHaveOtherWeights) {
  Submit(2);
  ASSERT_OK(Create(testing::SampleSpec({"other"}), 1, "r2"));
  ASSERT_OK(Register(w1_));
  for (const char* weights : {"1", "2", "3"}) {
    const Grant grant = MustLease(w1_);
    for (size_t task = 0; task < grant.tasks.size(); ++task) {
      ASSERT_OK(Commit(Claim(w1_, grant, task), OutcomeOf(weights)));
    }
  }
  EXPECT_EQ(observer_.digest_conflicts, 0);
}

TEST_F(CoreTest, AConflictWithAResultOfBeforeARestartIsSeen) {
  Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  ASSERT_OK(Commit(Claim(w1_, grant, 0), OutcomeOf("before")));
  Restart();
  ASSERT_OK(Commit(Claim(w1_, grant, 1), OutcomeOf("after")));
  EXPECT_EQ(observer_.digest_conflicts, 1);
}

TEST_F(CoreTest, AConflictThatCouldNotBeStoredIsNotCounted) {
  Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  ASSERT_OK(Commit(Claim(w1_, grant, 0), OutcomeOf("before")));
  store_.commit_failure = absl::UnavailableError("disk full");
  EXPECT_FALSE(Commit(Claim(w1_, grant, 1), OutcomeOf("after")).ok());
  EXPECT_EQ(observer_.digest_conflicts, 0);
}

TEST_F(CoreTest, AReusedResultHasTheDigestOfThePassThatMadeIt) {
  Submit(1, "first");
  ASSERT_OK(Register(w1_));
  ASSERT_OK(Commit(Claim(w1_, MustLease(w1_), 0), OutcomeOf("first")));
  const std::string id = Submit(1, "second");
  const std::vector<Task> tasks = Tasks(id);
  EXPECT_TRUE(tasks[0].reused);
  EXPECT_EQ(tasks[0].checkpoint_digest, Sha256Hex("first"));
  EXPECT_EQ(tasks[1].checkpoint_digest, "") << "not done";
}

TEST_F(CoreTest, AConflictWithAReusedResultIsCountedInEachSweepThatShowsBoth) {
  Submit(1, "first");
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  ASSERT_OK(Commit(Claim(w1_, grant, 0), OutcomeOf("before")));
  const std::string second = Submit(1, "second");
  ASSERT_OK(Commit(Claim(w1_, grant, 1), OutcomeOf("after")));
  EXPECT_EQ(Tasks(second)[1].checkpoint_digest, Sha256Hex("after"));
  EXPECT_EQ(observer_.digest_conflicts, 2) << "the second sweep took over both results";
  Submit(1, "third");
  EXPECT_EQ(observer_.digest_conflicts, 3) << "so did the third, at once";
}

TEST_F(CoreTest, AResultOfAnOlderReleaseIsOfUnknownWeightsAndNoConflict) {
  const std::string id = Submit();
  ChangeSet old;
  Outcome outcome = OutcomeOf("a");
  outcome.checkpoint_digest.clear();
  old.outcomes = {{Tasks(id)[1].reuse_key, outcome}};
  ASSERT_OK(store_.Commit(old));
  ASSERT_OK(Register(w1_));
  ASSERT_OK(Commit(Claim(w1_, MustLease(w1_), 0), OutcomeOf("b")));
  ASSERT_OK(Cancel(id));
  ASSERT_OK(Retry(id));
  ASSERT_TRUE(Tasks(id)[1].reused);
  EXPECT_EQ(observer_.digest_conflicts, 0);
}

TEST_F(CoreTest, ARetriedTaskHasTheDigestOfThePassThatFinishedIt) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  ASSERT_OK(Fail(Claim(w1_, MustLease(w1_), 0), FailureKind::kPermanent));
  ASSERT_OK(Retry(id));
  ASSERT_OK(Commit(Claim(w1_, MustLease(w1_), 0), OutcomeOf("later")));
  EXPECT_EQ(Tasks(id)[0].checkpoint_digest, Sha256Hex("later"));
}

}  // namespace
}  // namespace probesweep::server
