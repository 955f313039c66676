#include "server/scheduling/fair_share.h"

#include <gtest/gtest.h>

#include <random>

#include "server/scheduling/scheduler.h"

namespace probesweep::server {
namespace {

FairShare::Claimant Normal(const std::string& id) { return {id, Priority::kNormal}; }

TEST(FairShare, ChargesCostByWeight) {
  FairShare shares;
  shares.SetActive({Normal("a"), Normal("b")});
  shares.Charge(Normal("a"), 12, 1);
  shares.Charge(Normal("b"), 12, 3);
  EXPECT_EQ(shares.VirtualTime("a"), 12);
  EXPECT_EQ(shares.VirtualTime("b"), 4);
  EXPECT_EQ(shares.VirtualTime("never seen"), 0);
}

TEST(FairShare, ANewSweepStartsWhereTheLeastServedOneStands) {
  FairShare shares;
  shares.SetActive({Normal("a"), Normal("b")});
  shares.Charge(Normal("a"), 100, 1);
  shares.Charge(Normal("b"), 70, 1);
  shares.SetActive({Normal("a"), Normal("b"), Normal("new")});
  EXPECT_EQ(shares.VirtualTime("new"), 70) << "not 0: it would have the fleet for itself";
}

TEST(FairShare, ASweepThatComesBackBringsNothingAlongAndKeepsWhatItUsed) {
  FairShare shares;
  shares.SetActive({Normal("a"), Normal("saved"), Normal("spent")});
  shares.Charge(Normal("a"), 50, 1);
  shares.Charge(Normal("spent"), 80, 1);
  shares.SetActive({Normal("a")});
  shares.SetActive({Normal("a"), Normal("saved"), Normal("spent")});
  EXPECT_EQ(shares.VirtualTime("saved"), 50);
  EXPECT_EQ(shares.VirtualTime("spent"), 80);
}

TEST(FairShare, AfterAPauseOfAllTheNextStartsWhereTheLastWasServed) {
  FairShare shares;
  shares.SetActive({Normal("a")});
  shares.Charge(Normal("a"), 50, 1);
  shares.Charge(Normal("a"), 10, 1);
  shares.SetActive({});
  shares.SetActive({Normal("b")});
  EXPECT_EQ(shares.VirtualTime("b"), 50);
  shares.SetActive({Normal("a"), Normal("b")});
  EXPECT_EQ(shares.VirtualTime("a"), 60) << "at most one grant apart";
}

TEST(FairShare, PrioritiesDoNotCompareTheirTimes) {
  FairShare shares;
  shares.SetActive({Normal("a"), {"low", Priority::kLow}});
  shares.Charge(Normal("a"), 50, 1);
  shares.SetActive({Normal("a"), {"low", Priority::kLow}, Normal("b"), {"high", Priority::kHigh}});
  EXPECT_EQ(shares.VirtualTime("b"), 50) << "the low sweep that waits is no measure for it";
  EXPECT_EQ(shares.VirtualTime("high"), 0);
}

TEST(FairShare, ForgetsWhatIsDeleted) {
  FairShare shares;
  shares.SetActive({Normal("a")});
  shares.Charge(Normal("a"), 50, 1);
  shares.Forget("a");
  EXPECT_EQ(shares.VirtualTime("a"), 0);
}

// Shares of cost after `grants` single grants between sweeps of weights 1, 2 and 5 and of passes that differ
// by a factor of ten; the sweep of weight 2 comes in the middle.
TEST(FairShare, IsWithinATenthOfTheWeightsAfter200Grants) {
  const std::vector<std::pair<std::string, double>> sweeps = {{"a", 1}, {"b", 2}, {"c", 5}};
  FairShare shares;
  std::mt19937 random(7);
  std::map<std::string, double> granted;
  for (int grant = 0; grant < 300; ++grant) {
    SchedulerSnapshot snapshot{{}, {{"w", {}}}};
    std::vector<FairShare::Claimant> claimants;
    for (const auto& [id, weight] : sweeps) {
      if (id == "b" && grant < 100) continue;
      SweepDemand demand;
      demand.sweep_id = id;
      demand.weight = weight;
      const double scale = id == "c" ? 10 : 1;
      demand.groups.push_back({grant, "/p", scale, {{"t", scale * static_cast<double>(1 + random() % 5)}}});
      demand.group_count = 1;
      snapshot.sweeps.push_back(demand);
      claimants.push_back(Normal(id));
    }
    shares.SetActive(claimants);
    for (SweepDemand& demand : snapshot.sweeps) demand.virtual_time = shares.VirtualTime(demand.sweep_id);
    const GrantDecision decision = DecideGrants(snapshot, absl::UnixEpoch(), {}).at(0);
    const double weight = decision.sweep_id == "a" ? 1 : decision.sweep_id == "b" ? 2 : 5;
    shares.Charge(Normal(decision.sweep_id), decision.cost, weight);
    if (grant >= 100) granted[decision.sweep_id] += decision.cost;
  }
  const double all = granted["a"] + granted["b"] + granted["c"];
  for (const auto& [id, weight] : sweeps) EXPECT_NEAR(granted[id] / all, weight / 8, 0.1 * weight / 8) << id;
}

}  // namespace
}  // namespace probesweep::server
