// What a worker computes while the coordinator is gone is not lost, whoever else is killed meanwhile.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "tests/e2e/answers.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/sweep_text.h"

namespace probesweep::testing {
namespace {

using nlohmann::json;

constexpr int kDimensions = 4;

int CountLines(const std::string& log, const std::string& part) {
  const std::vector<std::string> lines = absl::StrSplit(log, '\n');
  return static_cast<int>(std::count_if(
      lines.begin(), lines.end(), [&](const std::string& line) { return absl::StrContains(line, part); }));
}

class SpoolTest : public ::testing::Test {
 protected:
  void SetUp() override {
    cluster_.StartCoordinator();
    cluster_.StartWorker("w", flags_);
    const Finished submitted = cluster_.Submit(sweep_);
    ASSERT_EQ(submitted.exit_code, 0) << submitted.err;
    ASSERT_NO_FATAL_FAILURE(KillCoordinatorWithinAPass());
    ASSERT_NO_FATAL_FAILURE(FinishThePass());
  }

  // Every task was given away once, and its one result was taken.
  void ExpectNothingComputedTwice() {
    const Finished watched = cluster_.Client({"sweep", "watch", "spool"});
    ASSERT_EQ(watched.exit_code, 0) << watched.err << cluster_.coordinator().err();
    for (const json& task : cluster_.Tasks("spool")) {
      EXPECT_EQ(task["state"], "TASK_STATE_DONE") << task;
      EXPECT_EQ(task["epoch"], "1") << task;
      EXPECT_EQ(task["leases_lost"], 0) << task;
    }
    EXPECT_EQ(SpoolFiles(), 0);
  }

  int SpoolFiles() const {
    int files = 0;
    for (const auto& file : std::filesystem::directory_iterator(cluster_.SpoolFolder("w")))
      files += absl::StartsWith(file.path().filename().string(), "outcome-") ? 1 : 0;
    return files;
  }

  // Long enough for two programs to start on a busy machine within one lease.
  Cluster cluster_{absl::Seconds(60)};
  const std::vector<std::string> flags_ = {"--threads", "1", "--drain-timeout", "1"};
  const std::string sweep_ = SweepText("spool", {DemoCheckpoints("{0,16}")},
                                       DemoDimensions({"reliability", "privacy", "toxicity", "fairness"}));

 private:
  int Leased() const {
    const json tasks = cluster_.Tasks("spool");
    return static_cast<int>(std::count_if(
        tasks.begin(), tasks.end(), [](const json& task) { return task["state"] == "TASK_STATE_LEASED"; }));
  }

  // The worker's clock stands still meanwhile.
  void KillCoordinatorWithinAPass() {
    Process& worker = cluster_.worker("w");
    const bool within = Eventually([&] {
      if (!absl::StrContains(worker.err(), "pass over")) return false;
      worker.Signal(SIGSTOP);
      if (Leased() > 1) return true;
      worker.Signal(SIGCONT);
      return false;
    });
    ASSERT_TRUE(within) << worker.err();
    cluster_.coordinator().Kill();
    worker.Signal(SIGCONT);
  }

  void FinishThePass() {
    const Process& worker = cluster_.worker("w");
    const bool finished = Eventually([&] {
      const std::string log = worker.err();
      return CountLines(log, " spooled") == kDimensions * CountLines(log, "pass over");
    });
    ASSERT_TRUE(finished) << worker.err();
    ASSERT_GT(SpoolFiles(), 1) << worker.err();
  }
};

TEST_F(SpoolTest, WorkerAndCoordinatorKilled) {
  cluster_.worker("w").Kill();
  const int waiting = SpoolFiles();
  cluster_.StartCoordinator();
  const Process& restarted = cluster_.StartWorker("w", flags_);
  EXPECT_EQ(CountLines(restarted.err(), "outcome-"), waiting) << "sent before it registered";
  ExpectNothingComputedTwice();
}

TEST_F(SpoolTest, CoordinatorKilled) {
  cluster_.StartCoordinator();
  ExpectNothingComputedTwice();
  EXPECT_EQ(CountLines(cluster_.worker("w").err(), "pass over"), 2);
}

TEST_F(SpoolTest, CoordinatorKilledAndWorkerStopped) {
  Process& worker = cluster_.worker("w");
  worker.Signal(SIGTERM);
  EXPECT_EQ(worker.Wait(absl::Seconds(30)), 0) << worker.err();
  ExpectParts(worker.err(), {"stay in " + cluster_.SpoolFolder("w"), "sent when this worker starts again"});
  cluster_.StartCoordinator();
  cluster_.StartWorker("w", flags_);
  ExpectNothingComputedTwice();
}

TEST(SpoolRefusalTest, ASpoolIsOfOneWorker) {
  Cluster cluster;
  ASSERT_NO_FATAL_FAILURE(cluster.StartCoordinator());
  cluster.StartWorker("w");
  const Finished second = RunProgram({Program("probesweep-worker"), "--coordinator", cluster.address(),
                                      "--id", "other", "--spool", cluster.SpoolFolder("w")},
                                     {}, absl::Seconds(60));
  EXPECT_EQ(second.exit_code, 3) << second.err;
  ExpectParts(second.err, {cluster.SpoolFolder("w"), "another worker", "--spool"});
}

}  // namespace
}  // namespace probesweep::testing
