// Programs that start, stop, share a store and use results again.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>

#include "absl/strings/match.h"
#include "common/file.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/sweep_text.h"

namespace probesweep::testing {
namespace {

using nlohmann::json;

constexpr absl::Duration kSoon = absl::Seconds(10);  // "at once", on a machine that does other things too

std::string SmallSweep(const std::string& steps = "{0,16000}") {
  return SweepText("small", {DemoCheckpoints(steps)}, DemoDimensions({"privacy", "fairness"}));
}

TEST(LifecycleTest, TheSameSweepAgainIsReusedWhole) {
  Cluster cluster;
  ASSERT_NO_FATAL_FAILURE(cluster.StartCoordinator());
  cluster.StartWorker("w");
  const Finished first = cluster.Submit(SmallSweep(), {"--wait"});
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const std::string results = cluster.Export("small"), artifacts = cluster.Artifacts("small");
  cluster.worker("w").Kill();  // so that whatever is done now is done without one

  const Finished second = cluster.Submit(SmallSweep());
  ASSERT_EQ(second.exit_code, 0) << second.err;
  EXPECT_TRUE(absl::StrContains(second.err, "4 tasks, 4 of them done already")) << second.err;
  EXPECT_NE(second.out, first.out);
  const json sweep = cluster.Sweep("small");
  EXPECT_EQ(sweep["state"], "SWEEP_STATE_SUCCEEDED");
  EXPECT_EQ(sweep["tasks"]["reused"], "4");
  EXPECT_EQ(cluster.Export("small"), results);
  EXPECT_EQ(cluster.Artifacts("small"), artifacts);
}

TEST(LifecycleTest, CopiesOfACheckpointAreKnownByTheirWeights) {
  Cluster cluster;
  ASSERT_NO_FATAL_FAILURE(cluster.StartCoordinator());
  cluster.StartWorker("w");
  const std::string copy = cluster.File("step16-copy");
  std::filesystem::copy(DemoCheckpoints("16"), copy);
  const Finished run = cluster.Submit(
      SweepText("twins", {DemoCheckpoints("{16,64}"), copy}, DemoDimensions({"privacy"})), {"--wait"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const Finished shown = cluster.Client({"results", "show", "twins"});
  EXPECT_TRUE(absl::StrContains(shown.err, "note: step16 and step16-copy hold the same weights\n"))
      << shown.err;
  EXPECT_FALSE(absl::StrContains(shown.err, "step64")) << shown.err;
}

TEST(LifecycleTest, IdleProgramsEndOnSigterm) {
  Cluster cluster;
  ASSERT_NO_FATAL_FAILURE(cluster.StartCoordinator());
  Process& worker = cluster.StartWorker("w");
  worker.Signal(SIGTERM);
  EXPECT_EQ(worker.Wait(kSoon), 0) << worker.err();
  cluster.coordinator().Signal(SIGTERM);
  EXPECT_EQ(cluster.coordinator().Wait(kSoon), 0) << cluster.coordinator().err();
}

TEST(LifecycleTest, AWorkerFinishesItsPassOnSigterm) {
  Cluster cluster;
  ASSERT_NO_FATAL_FAILURE(cluster.StartCoordinator());
  Process& worker = cluster.StartWorker("w");
  const std::string sweep = SmallSweep("{0,16,64,256,1000,4000,8000,16000}");
  const Finished submitted = cluster.Submit(sweep);
  ASSERT_EQ(submitted.exit_code, 0) << submitted.err;
  ASSERT_TRUE(Eventually([&] { return absl::StrContains(worker.err(), "pass over"); })) << worker.err();
  worker.Signal(SIGTERM);
  EXPECT_EQ(worker.Wait(absl::Seconds(60)), 0) << worker.err();

  const json tasks = cluster.Sweep("small")["tasks"];
  EXPECT_EQ(tasks["leased"], "0") << tasks;
  EXPECT_NE(tasks["done"], "0") << tasks;
  EXPECT_NE(tasks["ready"], "0") << tasks;
}

TEST(LifecycleTest, UpRunsASweepAndStopsWhatItStarted) {
  TempDir folder;
  const std::string ready_file = folder.File("ready.json");
  const ProcessOptions options{{{"XDG_CONFIG_HOME", folder.path()},
                                {"XDG_RUNTIME_DIR", folder.path()},
                                {"XDG_STATE_HOME", folder.path()}},
                               ""};
  Process up({Program("probesweep"), "up", "--data", folder.File("data"), "--listen", "127.0.0.1:0", "--http",
              "127.0.0.1:0", "--ready-file", ready_file},
             options);
  ASSERT_TRUE(
      Eventually([&] { return std::filesystem::exists(ready_file) || up.Ended().has_value(); }, kSoon * 3));
  ASSERT_FALSE(up.Ended().has_value()) << up.err();
  const json ready = json::parse(ReadFile(ready_file).value_or(""));
  const auto client = [&](const std::vector<std::string>& arguments) {
    std::vector<std::string> argv = {Program("probesweep"), "--coordinator", ready["grpc"]};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return RunProgram(argv, options);
  };
  ASSERT_TRUE(WriteFileAtomically(folder.File("sweep.yaml"), SmallSweep("0")).ok());
  const Finished run = client({"sweep", "submit", folder.File("sweep.yaml"), "--watch"});
  EXPECT_EQ(run.exit_code, 0) << run.err << up.err();

  up.Signal(SIGTERM);
  EXPECT_EQ(up.Wait(kSoon * 2), 0) << up.err();
  EXPECT_FALSE(std::filesystem::exists(ready_file));
  EXPECT_EQ(client({"sweep", "list"}).exit_code, 4);
}

TEST(LifecycleTest, ASecondCoordinatorOnTheSameDataIsRefused) {
  Cluster cluster;
  ASSERT_NO_FATAL_FAILURE(cluster.StartCoordinator());
  const Finished second = RunProgram({Program("probesweepd"), "--data", cluster.data_folder(), "--listen",
                                      "127.0.0.1:0", "--http", "127.0.0.1:0"},
                                     {}, kSoon);
  EXPECT_EQ(second.exit_code, 3) << second.err;
  for (const char* part : {"probesweep.db", "another coordinator", "stop that one", "--store"}) {
    EXPECT_TRUE(absl::StrContains(second.err, part)) << part << " is not in: " << second.err;
  }
  EXPECT_EQ(cluster.Client({"sweep", "list"}).exit_code, 0);
}

}  // namespace
}  // namespace probesweep::testing
