// Who gets what when several sweeps and workers meet; the rules themselves: scheduling/scheduler_test.cc.
#include <map>

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

TEST_F(CoreTest, SweepsShareTheFleetByTheirWeightsOverTime) {
  SweepSpec light = testing::SampleSpec({"truth"}), heavy = light;
  light.recompute = "light";
  heavy.recompute = "heavy";
  heavy.weight = 3;
  const std::string light_id = Create(light, 200, "r1")->sweep->id;
  ASSERT_OK(Register(w1_));
  std::map<std::string, int> grants;
  const auto work = [&] {
    const Grant grant = MustLease(w1_);
    ++grants[grant.sweep_id];
    Pass(absl::Seconds(1));
    EXPECT_OK(Commit(Claim(w1_, grant, 0)));
    EXPECT_OK(Release(w1_, grant.lease_id));
  };
  for (int i = 0; i < 20; ++i) work();
  const std::string heavy_id = Create(heavy, 200, "r2")->sweep->id;
  grants.clear();
  for (int i = 0; i < 200; ++i) work();
  EXPECT_NEAR(grants[heavy_id], 150, 2) << "three quarters from its coming on, neither more nor less";
  EXPECT_NEAR(grants[light_id], 50, 2);
}

TEST_F(CoreTest, ASweepOfLargeCheckpointsGetsFewerOfThem) {
  const SweepSpec spec = testing::SampleSpec({"truth"});
  Plan small = testing::SamplePlan(200), large = small;
  for (Checkpoint& checkpoint : small.checkpoints) checkpoint.bytes = 2'000'000'000;
  for (size_t c = 0; c < large.checkpoints.size(); ++c) {
    large.checkpoints[c].bytes = 20'000'000'000;
    large.checkpoints[c].path = absl::StrCat("/large/step", c);
    large.checkpoints[c].identity = Sha256Hex(large.checkpoints[c].path);
  }
  std::map<std::string, int> grants;
  std::string ids[2];
  for (const Plan& plan : {small, large}) {
    const bool first = ids[0].empty();
    const auto view = Request<SweepView>([&](Reply<SweepView> reply) {
      core_->CreateSweep(first ? "r1" : "r2", spec, plan, std::move(reply));
    });
    ASSERT_OK(view);
    ids[first ? 0 : 1] = view->sweep->id;
  }
  ASSERT_OK(Register(w1_));
  for (int i = 0; i < 110; ++i) {
    const Grant grant = MustLease(w1_);
    ++grants[grant.sweep_id];
    ASSERT_OK(Commit(Claim(w1_, grant, 0)));
    ASSERT_OK(Release(w1_, grant.lease_id));
  }
  // 2 GB: 3 s and a task of 1.005 s (100 bytes of dataset); 20 GB: 21 s and 1.05 s.
  EXPECT_NEAR(grants[ids[0]], 110 * 22.05 / (22.05 + 4.005), 2);
}

TEST_F(CoreTest, WhatPassesTookCorrectsTheShares) {
  SweepSpec quick = testing::SampleSpec({"truth"}), slow = quick;
  quick.recompute = "quick";
  slow.recompute = "slow";
  const std::string quick_id = Create(quick, 300, "r1")->sweep->id;
  const std::string slow_id = Create(slow, 300, "r2")->sweep->id;
  ASSERT_OK(Register(w1_));
  std::map<std::string, int> grants;
  for (int i = 0; i < 240; ++i) {
    if (i == 40) grants.clear();
    const Grant grant = MustLease(w1_);
    ++grants[grant.sweep_id];
    ASSERT_OK(Commit(Claim(w1_, grant, 0)));
    PassStatistics statistics;
    statistics.forward = absl::Seconds(grant.sweep_id == slow_id ? 30 : 10);
    ASSERT_OK(Release(w1_, grant.lease_id, statistics));
  }
  EXPECT_NEAR(grants[quick_id], 150, 15) << "each has half of the time";
}

TEST_F(CoreTest, AWorkerGetsTheCheckpointThatItHasThoughOthersComeFirst) {
  Submit(50);
  ASSERT_OK(Register(w1_));
  Answered<LeaseAnswer> answer;
  core_->Lease({w1_, absl::Seconds(60), {"/elsewhere", "/models/step40"}}, answer.reply());
  core_->Step();
  ASSERT_OK(answer.get());
  EXPECT_EQ(answer.get()->grant->checkpoint.path, "/models/step40");
}

TEST_F(CoreTest, WorkersKeepTheirLeasesWhenTheCoordinatorItselfStoodStill) {
  const std::string id = Submit();
  ASSERT_OK(Register(w1_));
  const Grant grant = MustLease(w1_);
  clock_.Advance(absl::Minutes(10));
  core_->ExcuseSilence();
  core_->Step();
  EXPECT_EQ(Counts(id)[TaskState::kLeased], 2);
  EXPECT_OK(Commit(Claim(w1_, grant, 0)));
  Pass(absl::Seconds(30));
  EXPECT_EQ(Counts(id)[TaskState::kReady], 1) << "excused once";
}

}  // namespace
}  // namespace probesweep::server
