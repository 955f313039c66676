// Who gets what when several sweeps and workers meet; the rules themselves: scheduling/scheduler_test.cc.
#include "tests/unit/server/service/core_fixture.h"

namespace probesweep::server {
namespace {

TEST_F(CoreTest, TwoWorkersShareACheckpointRatherThanOneIdling) {
  ASSERT_OK(Register(w1_));
  ASSERT_OK(Register(w2_));
  const auto first = Poll(w1_), second = Poll(w2_);
  Submit();
  ASSERT_OK(first.get());
  ASSERT_OK(second.get());
  ASSERT_TRUE(first.get()->grant && second.get()->grant);
  EXPECT_EQ(first.get()->grant->tasks.size(), 1u);
  EXPECT_EQ(second.get()->grant->tasks.size(), 1u);
  EXPECT_NE(first.get()->grant->tasks[0].task_id, second.get()->grant->tasks[0].task_id);
}

TEST_F(CoreTest, TwoSweepsThatRunTheSameWorkEachKeepTheirOwnLease) {
  const std::string a = Submit(1, "r1"), b = Submit(1, "r2");
  ASSERT_OK(Register(w1_));
  ASSERT_OK(Register(w2_));
  const Grant first = MustLease(w1_), second = MustLease(w2_);
  ASSERT_NE(first.sweep_id, second.sweep_id);
  ASSERT_OK(Commit(Claim(w1_, first, 0)));
  EXPECT_EQ(Counts(second.sweep_id)[TaskState::kLeased], 2) << "its worker will commit the same numbers";
  ASSERT_OK_AND_ASSIGN(const CommitAnswer answer, Commit(Claim(w2_, second, 0)));
  EXPECT_FALSE(answer.already_committed);
  EXPECT_EQ(Counts(a)[TaskState::kDone], 1);
  EXPECT_EQ(Counts(b)[TaskState::kDone], 1);
}

TEST_F(CoreTest, ASweepThatWaitedLongIsServedOnceThenWaitsAgain) {
  SweepSpec low = testing::SampleSpec({"low"});
  low.priority = Priority::kLow;
  const std::string waited = Create(low, 3, "r1")->sweep->id;
  Pass(2 * options_.scheduler.ageing);
  const std::string fresh = Submit(3, "r2");
  ASSERT_OK(Register(w1_));
  ASSERT_OK(Register(w2_));
  EXPECT_EQ(MustLease(w1_).sweep_id, waited);
  EXPECT_EQ(MustLease(w2_).sweep_id, fresh);
}

}  // namespace
}  // namespace probesweep::server
