#include "server/scheduling/scheduler.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace probesweep::server {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'000'000);
constexpr SchedulerOptions kOptions;  // a band for each 30 minutes of waiting

// A group of `tasks` ready tasks named "<sweep><checkpoint>.<n>" of the folder "/<sweep><checkpoint>".
ReadyGroup Group(const std::string& sweep, int checkpoint, int tasks) {
  ReadyGroup group{checkpoint, absl::StrCat("/", sweep, checkpoint), 0, {}};
  for (int i = 0; i < tasks; ++i) group.tasks.push_back({absl::StrCat(sweep, checkpoint, ".", i), 1});
  return group;
}

// A sweep with one group for each entry of `sizes`.
SweepDemand Demand(const std::string& id, const std::vector<int>& sizes) {
  SweepDemand demand;
  demand.sweep_id = id;
  demand.waiting_since = kNow;
  demand.group_count = sizes.size();
  for (size_t c = 0; c < sizes.size(); ++c) demand.groups.push_back(Group(id, static_cast<int>(c), sizes[c]));
  return demand;
}

SweepDemand With(SweepDemand demand, Priority priority, int waited_minutes = 0) {
  demand.priority = priority;
  demand.waiting_since = kNow - absl::Minutes(waited_minutes);
  return demand;
}

SweepDemand At(double virtual_time, SweepDemand demand) {
  demand.virtual_time = virtual_time;
  return demand;
}

SweepDemand Weighing(double weight, SweepDemand demand) {
  demand.weight = weight;
  return demand;
}

std::vector<IdleWorker> Workers(int count) {
  std::vector<IdleWorker> workers;
  for (int i = 1; i <= count; ++i) workers.push_back({absl::StrCat("w", i), {}});
  return workers;
}

// "w1:a0.0,a0.1 w2:b0.0"
std::string Show(const std::vector<GrantDecision>& grants) {
  return absl::StrJoin(grants, " ", [](std::string* out, const GrantDecision& grant) {
    absl::StrAppend(out, grant.worker_id, ":", absl::StrJoin(grant.task_ids, ","));
  });
}

struct Case {
  const char* intent;
  std::vector<SweepDemand> sweeps;
  std::vector<IdleWorker> workers;
  const char* grants;
};

void Check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    EXPECT_EQ(Show(DecideGrants({c.sweeps, c.workers}, kNow, kOptions)), c.grants) << c.intent;
  }
}

TEST(Scheduler, NothingComesOfNothing) {
  Check({
      {"no sweep, no grant", {}, Workers(2), ""},
      {"no idle worker, no grant", {Demand("a", {1})}, {}, ""},
      {"a sweep without ready tasks is passed over",
       {Demand("a", {}), Demand("b", {1})},
       Workers(1),
       "w1:b0.0"},
      {"a worker too many gets nothing", {Demand("a", {1})}, Workers(2), "w1:a0.0"},
  });
}

TEST(Scheduler, PriorityComesFirst) {
  Check({
      {"a later sweep of high priority goes before an earlier normal one",
       {Demand("a", {1}), With(Demand("b", {1}), Priority::kHigh)},
       Workers(1),
       "w1:b0.0"},
      {"a low one waits for a normal one",
       {With(Demand("a", {1}), Priority::kLow), Demand("b", {1})},
       Workers(1),
       "w1:b0.0"},
      {"a high sweep that had much still goes before a normal one that had nothing",
       {Demand("a", {1}), With(At(50, Demand("b", {1})), Priority::kHigh)},
       Workers(1),
       "w1:b0.0"},
  });
}

TEST(Scheduler, WaitingLiftsASweepBandByBand) {
  Check({
      {"a low sweep that waited an hour goes before a fresh normal one",
       {Demand("a", {1}), With(Demand("b", {1}), Priority::kLow, 60)},
       Workers(1),
       "w1:b0.0"},
      {"after half an hour it is its equal, and the older sweep wins the tie",
       {Demand("a", {1}), With(Demand("b", {1}), Priority::kLow, 30)},
       Workers(1),
       "w1:a0.0"},
      {"a minute short of it, it is below",
       {With(Demand("b", {1}), Priority::kLow, 29), Demand("a", {1})},
       Workers(1),
       "w1:a0.0"},
      {"a grant ends the waiting: the second worker goes to the normal sweep",
       {With(Demand("b", {1, 1}), Priority::kLow, 60), Demand("a", {1, 1})},
       Workers(2),
       "w1:b0.0 w2:a0.0"},
      {"a clock that went back ages nothing",
       {With(Demand("a", {1}), Priority::kNormal, -90), Demand("b", {1})},
       Workers(1),
       "w1:a0.0"},
  });
}

TEST(Scheduler, WithinABandCostIsSharedByWeight) {
  Check({
      {"the sweep that was granted less for its weight is served",
       {At(3, Demand("a", {1})), At(2, Demand("b", {1}))},
       Workers(1),
       "w1:b0.0"},
      {"the older one on a tie", {At(3, Demand("a", {1})), At(3, Demand("b", {1}))}, Workers(1), "w1:a0.0"},
      {"what this round gave counts too",
       {Demand("a", {2, 2, 2}), Demand("b", {2, 2, 2})},
       Workers(4),
       "w1:a0.0,a0.1 w2:b0.0,b0.1 w3:a1.0,a1.1 w4:b1.0,b1.1"},
      {"double weight gets twice as much of it",
       {Weighing(2, Demand("a", {1, 1, 1, 1})), Demand("b", {1, 1, 1, 1})},
       Workers(6),
       "w1:a0.0 w2:b0.0 w3:a1.0 w4:a2.0 w5:b1.0 w6:a3.0"},
  });
}

TEST(Scheduler, AGrantCostsItsPassAndItsTasks) {
  SweepDemand demand = Demand("a", {3});
  demand.groups[0].pass_cost = 10;
  demand.groups[0].tasks[1].cost = 5;
  for (const auto& [workers, cost] : {std::pair(1, 10 + 7.0), std::pair(2, 10 + 6.0)}) {
    EXPECT_EQ(DecideGrants({{demand}, Workers(workers)}, kNow, kOptions)[0].cost, cost) << workers;
  }
}

TEST(Scheduler, GroupsThatTheSnapshotLeavesOutCountForSplitting) {
  SweepDemand demand = Demand("a", {4, 4});
  demand.group_count = 9;
  EXPECT_EQ(Show(DecideGrants({{demand}, Workers(2)}, kNow, kOptions)),
            "w1:a0.0,a0.1,a0.2,a0.3 w2:a1.0,a1.1,a1.2,a1.3");
}

// Two hours of a fleet that always has work of high priority: the low sweep gets its turn each time that it
// has waited long enough to stand above.
TEST(Scheduler, ALowBandIsServedHoweverMuchHighWorkThereIs) {
  SweepDemand low = With(Demand("low", std::vector<int>(20, 1)), Priority::kLow);
  int served = 0;
  for (int minute = 0; minute < 240; ++minute) {
    const absl::Time now = kNow + absl::Minutes(minute);
    SweepDemand high = With(Demand("high", {1}), Priority::kHigh);
    high.waiting_since = now;
    if (DecideGrants({{high, low}, Workers(1)}, now, kOptions)[0].sweep_id != "low") continue;
    ++served;
    low.waiting_since = now;
  }
  EXPECT_EQ(served, 2) << "after 90 minutes each time";
}

TEST(Scheduler, AWorkerKeepsToCheckpointsThatItHas) {
  Check({
      {"without any, checkpoints go in training order", {Demand("a", {1, 1})}, Workers(1), "w1:a0.0"},
      {"one at hand goes before an earlier one", {Demand("a", {1, 1})}, {{"w1", {"/x", "/a1"}}}, "w1:a1.0"},
      {"affinity does not overrule fairness",
       {At(0, Demand("a", {1})), At(1, Demand("b", {1}))},
       {{"w1", {"/b0"}}},
       "w1:a0.0"},
  });
}

TEST(Scheduler, DimensionsOfACheckpointStayTogetherUnlessWorkersWouldIdle) {
  Check({
      {"one worker takes all five, so that weights are read once",
       {Demand("a", {5})},
       Workers(1),
       "w1:a0.0,a0.1,a0.2,a0.3,a0.4"},
      {"as many checkpoints as workers: no splitting",
       {Demand("a", {3, 2})},
       Workers(2),
       "w1:a0.0,a0.1,a0.2 w2:a1.0,a1.1"},
      {"two workers for one checkpoint take even parts",
       {Demand("a", {5})},
       Workers(2),
       "w1:a0.0,a0.1,a0.2 w2:a0.3,a0.4"},
      {"four workers for three tasks: one each, one idle",
       {Demand("a", {3})},
       Workers(4),
       "w1:a0.0 w2:a0.1 w3:a0.2"},
      {"checkpoints of other sweeps count",
       {Demand("a", {2}), Demand("b", {2})},
       Workers(2),
       "w1:a0.0,a0.1 w2:b0.0,b0.1"},
  });
}

TEST(Scheduler, NeverGrantsATaskTwiceNorAWorkerTwiceAndLeavesNoWorkerIdleNeedlessly) {
  for (int workers = 1; workers <= 12; ++workers) {
    const auto grants =
        DecideGrants({{Demand("a", {5, 5}), Demand("b", {1, 3}), With(Demand("c", {4}), Priority::kHigh)},
                      Workers(workers)},
                     kNow, kOptions);
    EXPECT_EQ(grants.size(), static_cast<size_t>(workers));
    std::set<std::string> tasks, busy;
    for (const GrantDecision& grant : grants) {
      EXPECT_FALSE(grant.task_ids.empty());
      EXPECT_TRUE(busy.insert(grant.worker_id).second);
      for (const std::string& task : grant.task_ids) EXPECT_TRUE(tasks.insert(task).second) << task;
    }
  }
}

}  // namespace
}  // namespace probesweep::server
