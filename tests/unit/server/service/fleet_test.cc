#include "server/service/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FleetTest : public ::testing::Test {
 protected:
  FleetTest() {
    Worker worker;
    worker.id = "w";
    worker.incarnation = "i";
    fleet_.Put(worker);
  }

  Lease MakeLease(const std::string& id) {
    Lease lease;
    lease.id = id;
    lease.sweep_id = "s";
    lease.checkpoint = 4;
    lease.worker_id = "w";
    lease.incarnation = "i";
    return lease;
  }

  ParkedPoll MakePoll(uint64_t id, absl::Duration wait) {
    ParkedPoll poll;
    poll.id = id;
    poll.worker = ref_;
    poll.deadline = clock_.Steady() + wait;
    return poll;
  }

  testing::ManualClock clock_;
  Fleet fleet_{LeaseOptions(), &clock_};
  const WorkerRef ref_{"w", "i"};
};

TEST_F(FleetTest, KnowsAWorkerByIdAndIncarnation) {
  EXPECT_OK(fleet_.Check(ref_));
  EXPECT_STATUS(fleet_.Check({"v", "i"}), kNotFound, "'v'");
  EXPECT_STATUS(fleet_.Check({"w", "j"}), kFailedPrecondition, "'w'");
  EXPECT_NE(fleet_.Find("w"), nullptr);
  EXPECT_EQ(fleet_.Find("v"), nullptr);
}

TEST_F(FleetTest, ALeaseLivesItsTimeAndIsRenewedOnlyByItsOwnProcess) {
  fleet_.AddLease(MakeLease("l"));
  EXPECT_EQ(fleet_.NextWake(), clock_.Steady() + absl::Seconds(30));
  clock_.Advance(absl::Seconds(20));
  bool progressed = false;
  EXPECT_FALSE(fleet_.Renew({"w", "j"}, {"l", 1, 6}, progressed));
  EXPECT_FALSE(fleet_.Renew({"v", "i"}, {"l", 1, 6}, progressed));
  EXPECT_FALSE(fleet_.Renew(ref_, {"m", 1, 6}, progressed));
  EXPECT_EQ(fleet_.NextWake(), clock_.Steady() + absl::Seconds(10)) << "none of these renewed it";
  EXPECT_TRUE(fleet_.Renew(ref_, {"l", 1, 6}, progressed));
  EXPECT_TRUE(progressed);
  EXPECT_TRUE(fleet_.Renew(ref_, {"l", 1, 6}, progressed));
  EXPECT_FALSE(progressed);
  clock_.Advance(absl::Seconds(30));
  ASSERT_EQ(fleet_.EndedLeases().size(), 1u);
  EXPECT_EQ(fleet_.EndedLeases()[0].verdict, LeaseVerdict::kExpired);
  fleet_.EraseLease("l");
  EXPECT_THAT(fleet_.EndedLeases(), IsEmpty());
  EXPECT_EQ(fleet_.NextWake(), absl::InfiniteDuration());
}

TEST_F(FleetTest, AStepPutsOffAHangWithoutBeingShown) {
  fleet_.AddLease(MakeLease("l"));
  bool progressed = true;
  EXPECT_TRUE(fleet_.Renew(ref_, {"l", 0, 0, 0}, progressed));
  const absl::Duration begin = clock_.Steady();
  clock_.Advance(absl::Seconds(29));
  EXPECT_TRUE(fleet_.Renew(ref_, {"l", 0, 0, 1}, progressed));
  EXPECT_FALSE(progressed);
  EXPECT_EQ(fleet_.FindLease("l")->last_progress, begin + absl::Seconds(29));
  clock_.Advance(absl::Seconds(29));
  EXPECT_TRUE(fleet_.Renew(ref_, {"l", 0, 0, 1}, progressed));
  EXPECT_EQ(fleet_.FindLease("l")->last_progress, begin + absl::Seconds(29)) << "no step since";
}

TEST_F(FleetTest, AViewTellsStateAndProgress) {
  const auto state = [&] { return fleet_.Views().at(0).state; };
  EXPECT_EQ(state(), WorkerState::kIdle);
  fleet_.AddLease(MakeLease("l"));
  bool progressed = false;
  fleet_.Renew(ref_, {"l", 2, 6}, progressed);
  EXPECT_EQ(state(), WorkerState::kBusy);
  EXPECT_EQ(fleet_.Views()[0].layers_done, 2);
  EXPECT_EQ(fleet_.Views()[0].sweep_id, "s");
  fleet_.Drain("w");
  EXPECT_EQ(state(), WorkerState::kDraining);
  clock_.Advance(absl::Seconds(31));
  EXPECT_EQ(state(), WorkerState::kLost);
  fleet_.Heard(ref_);
  EXPECT_EQ(state(), WorkerState::kDraining);
}

TEST_F(FleetTest, OnlySilentWorkersWithoutALeaseAreForgotten) {
  fleet_.AddLease(MakeLease("l"));
  clock_.Advance(absl::Hours(2));
  EXPECT_THAT(fleet_.Forgotten(absl::Hours(1)), IsEmpty());
  fleet_.EraseLease("l");
  EXPECT_THAT(fleet_.Forgotten(absl::Hours(1)), ElementsAre("w"));
  EXPECT_THAT(fleet_.Forgotten(absl::Hours(2)), IsEmpty());
}

TEST_F(FleetTest, CountsFollowWhateverChangesAWorkersState) {
  const auto count = [&](WorkerState state) { return fleet_.CountByState()[static_cast<size_t>(state)]; };
  const auto only = [&](WorkerState state) {
    for (const WorkerState other : kAllWorkerStates) {
      if (count(other) != (other == state ? 1 : 0)) return false;
    }
    return fleet_.Views().at(0).state == state;
  };
  EXPECT_TRUE(only(WorkerState::kIdle));
  fleet_.AddLease(MakeLease("l"));
  EXPECT_TRUE(only(WorkerState::kBusy));
  clock_.Advance(absl::Seconds(31));
  EXPECT_TRUE(only(WorkerState::kLost));
  fleet_.EraseLease("l");
  EXPECT_TRUE(only(WorkerState::kLost));
  fleet_.Heard(ref_);
  EXPECT_TRUE(only(WorkerState::kIdle));
  fleet_.Park(MakePoll(1, absl::Minutes(5)));
  clock_.Advance(absl::Minutes(1));
  EXPECT_TRUE(only(WorkerState::kIdle)) << "who waits is there";
  EXPECT_TRUE(fleet_.TakePoll(1).has_value());
  EXPECT_TRUE(only(WorkerState::kIdle));
  fleet_.Drain("w");
  EXPECT_TRUE(only(WorkerState::kDraining));
  clock_.Advance(absl::Seconds(31));
  EXPECT_TRUE(only(WorkerState::kLost));
  fleet_.Forget("w");
  EXPECT_EQ(count(WorkerState::kLost), 0);
}

TEST_F(FleetTest, PollsAreTakenByIdByWorkerAndByTheirDeadline) {
  fleet_.Park(MakePoll(1, absl::Seconds(20)));
  EXPECT_EQ(fleet_.NextWake(), clock_.Steady() + absl::Seconds(20));
  EXPECT_FALSE(fleet_.TakePoll(2).has_value());
  EXPECT_FALSE(fleet_.TakePollOf("v").has_value());
  EXPECT_EQ(fleet_.TakePollOf("w")->id, 1u);
  EXPECT_FALSE(fleet_.TakePoll(1).has_value());
  EXPECT_EQ(fleet_.NextWake(), absl::InfiniteDuration());
  fleet_.Park(MakePoll(2, absl::Seconds(20)));
  clock_.Advance(absl::Seconds(19));
  EXPECT_THAT(fleet_.TakeOverduePolls(), IsEmpty());
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(fleet_.TakeOverduePolls().at(0).id, 2u);
  EXPECT_THAT(fleet_.TakeAllPolls(), IsEmpty());
}

TEST_F(FleetTest, RenewingAllPutsOffExpiryAndHang) {
  fleet_.AddLease(MakeLease("l"));
  clock_.Advance(absl::Minutes(5));
  EXPECT_EQ(fleet_.EndedLeases().size(), 1u);
  fleet_.RenewAll();
  EXPECT_THAT(fleet_.EndedLeases(), IsEmpty());
  EXPECT_EQ(fleet_.NextWake(), clock_.Steady() + absl::Seconds(30));
}

TEST_F(FleetTest, ViewsOfASweepAreOfThoseThatHoldItsTasks) {
  Worker other;
  other.id = "v";
  fleet_.Put(other);
  fleet_.AddLease(MakeLease("l"));
  ASSERT_EQ(fleet_.ViewsOfSweep("s").size(), 1u);
  EXPECT_EQ(fleet_.ViewsOfSweep("s")[0].worker.id, "w");
  EXPECT_THAT(fleet_.ViewsOfSweep("t"), IsEmpty());
}

TEST_F(FleetTest, ResetTakesOverWorkersAndLeasesWithAFullTime) {
  fleet_.AddLease(MakeLease("old"));
  clock_.Advance(absl::Minutes(1));
  Worker other;
  other.id = "v";
  Lease lease = MakeLease("l");
  lease.worker_id = "v";
  fleet_.Reset({other}, {lease});
  EXPECT_EQ(fleet_.Find("w"), nullptr);
  EXPECT_EQ(fleet_.FindLease("old"), nullptr);
  EXPECT_THAT(fleet_.LeasesOf("v"), ElementsAre("l"));
  EXPECT_EQ(fleet_.FindLease("l")->expires, clock_.Steady() + absl::Seconds(30));
  EXPECT_EQ(fleet_.Views()[0].state, WorkerState::kBusy);
}

}  // namespace
}  // namespace probesweep::server
