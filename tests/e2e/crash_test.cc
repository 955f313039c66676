// Programs killed in mid-sweep: what comes out in the end is what an undisturbed run gives, byte for byte.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <functional>
#include <map>

#include "absl/time/clock.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/sweep_text.h"

namespace probesweep::testing {
namespace {

using nlohmann::json;

constexpr int kCheckpoints = 8, kDimensions = 4, kLayers = 6;
const char kDone[] = "TASK_STATE_DONE";
const char kLeased[] = "TASK_STATE_LEASED";

int Count(const json& tasks, const std::string& state) {
  return static_cast<int>(
      std::count_if(tasks.begin(), tasks.end(), [&](const json& task) { return task["state"] == state; }));
}

// A grant is under way of which some dimensions are committed and more than one are not: one of those may be
// on its way to the coordinator.
bool GrantIsHalfCommitted(const json& tasks) {
  std::map<std::string, int> done, leased;  // by checkpoint
  for (const json& task : tasks) {
    if (task["state"] == kDone) ++done[task["checkpoint"]];
    if (task["state"] == kLeased) ++leased[task["checkpoint"]];
  }
  return std::any_of(leased.begin(), leased.end(), [&done](const auto& checkpoint) {
    return checkpoint.second > 1 && done.count(checkpoint.first) > 0;
  });
}

// After the first pass and before the last one.
bool PassIsUnderWay(const json& tasks) {
  const int done = Count(tasks, kDone);
  return done > 0 && Count(tasks, kLeased) == kDimensions && done < (kCheckpoints - 1) * kDimensions;
}

class CrashTest : public ::testing::Test {
 protected:
  void SetUp() override {
    RunUndisturbed();
    cluster_.StartCoordinator();
    cluster_.StartWorker("w");
  }

  void Submit() {
    const Finished submitted = cluster_.Submit(sweep_);
    ASSERT_EQ(submitted.exit_code, 0) << submitted.err;
  }

  void ExpectTheSameResults() {
    const Finished watched = cluster_.Client({"sweep", "watch", "crash"});
    ASSERT_EQ(watched.exit_code, 0) << watched.err << cluster_.coordinator().err();
    EXPECT_EQ(cluster_.Export("crash"), undisturbed_results_);
    EXPECT_EQ(cluster_.Artifacts("crash"), undisturbed_artifacts_);
  }

  // Stops the worker's clock (SIGSTOP) in a state of the tasks that `fits`. Lets it go on and tries again
  // while it does not: once the calls on their way are served, a stopped worker changes nothing.
  void FreezeWorkerWhen(const std::function<bool(const json& tasks)>& fits) {
    Process& worker = cluster_.worker("w");
    std::string seen;
    const bool frozen = Eventually([&] {
      const std::string log = worker.err();
      if (log == seen) return false;
      seen = log;
      worker.Signal(SIGSTOP);
      // A call that was on its way when the worker stopped is still served.
      json tasks = cluster_.Tasks("crash");
      for (json before; before != tasks; tasks = cluster_.Tasks("crash")) {
        before = tasks;
        absl::SleepFor(absl::Milliseconds(300));
      }
      if (fits(tasks)) return true;
      worker.Signal(SIGCONT);
      return false;
    });
    ASSERT_TRUE(frozen) << cluster_.Tasks("crash").dump(1) << worker.err();
  }

  Cluster cluster_;
  const std::string sweep_ = SweepText("crash", {DemoCheckpoints("{0,16,64,256,1000,4000,8000,16000}")},
                                       DemoDimensions({"reliability", "privacy", "toxicity", "fairness"}));

 private:
  void RunUndisturbed() {
    Cluster undisturbed;
    undisturbed.StartCoordinator();
    undisturbed.StartWorker("w");
    const Finished run = undisturbed.Submit(sweep_, {"--wait"});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    undisturbed_results_ = undisturbed.Export("crash");
    undisturbed_artifacts_ = undisturbed.Artifacts("crash");
    ASSERT_EQ(std::count(undisturbed_results_.begin(), undisturbed_results_.end(), '\n'),
              kCheckpoints * kDimensions * kLayers + 1);
    ASSERT_EQ(std::count(undisturbed_artifacts_.begin(), undisturbed_artifacts_.end(), '\n'),
              kCheckpoints * kDimensions * 2 + 1);
  }

  std::string undisturbed_results_, undisturbed_artifacts_;
};

TEST_F(CrashTest, WorkerThenCoordinatorKilledWhenAGrantIsHalfCommitted) {
  ASSERT_NO_FATAL_FAILURE(Submit());
  ASSERT_NO_FATAL_FAILURE(FreezeWorkerWhen(GrantIsHalfCommitted));
  cluster_.worker("w").Kill();
  cluster_.coordinator().Kill();

  cluster_.StartCoordinator();
  const json after = cluster_.Tasks("crash");
  EXPECT_TRUE(Count(after, kLeased) > 0 && Count(after, kDone) % kDimensions != 0) << after.dump(1);
  cluster_.StartWorker("w");
  ExpectTheSameResults();
}

// It comes once the restarted coordinator has rebuilt the dead worker's lease: a grant that the first
// coordinator made just before it was killed would count too.
TEST_F(CrashTest, AnotherWorkerTakesOverTheLeaseOfOneThatDied) {
  ASSERT_NO_FATAL_FAILURE(Submit());
  ASSERT_NO_FATAL_FAILURE(FreezeWorkerWhen(PassIsUnderWay));
  const json before = cluster_.Tasks("crash");
  cluster_.worker("w").Kill();
  cluster_.coordinator().Kill();
  cluster_.StartCoordinator();
  cluster_.StartWorker("other");

  ExpectTheSameResults();
  const json after = cluster_.Tasks("crash");
  for (size_t i = 0; i < after.size(); ++i) {
    const bool held = before[i]["state"] == kLeased;
    EXPECT_EQ(after[i]["worker_id"], before[i]["state"] == kDone ? "w" : "other") << after[i];
    // Given away once more, whichever comes first: as a copy for the idle worker, while the dead one's lease
    // still runs, or when that has run out, which then counts. Which of the two, the machine's speed decides.
    EXPECT_EQ(after[i]["epoch"], held ? "2" : "1") << after[i];
    EXPECT_LE(after[i]["leases_lost"].get<int>(), held ? 1 : 0) << after[i];
  }
}

TEST_F(CrashTest, WorkerGoesOnWhenTheCoordinatorIsRestarted) {
  ASSERT_NO_FATAL_FAILURE(Submit());
  ASSERT_NO_FATAL_FAILURE(FreezeWorkerWhen(PassIsUnderWay));
  cluster_.coordinator().Kill();
  cluster_.worker("w").Signal(SIGCONT);
  cluster_.StartCoordinator();

  ExpectTheSameResults();
  // A grant whose datasets could not be fetched just then is given back, uncounted.
  for (const json& task : cluster_.Tasks("crash")) {
    EXPECT_EQ(task["leases_lost"], 0) << task;
    EXPECT_EQ(task["failures"], 0) << task;
  }
}

}  // namespace
}  // namespace probesweep::testing
