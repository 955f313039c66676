// What is refused before any work is done: exit code, and what the message says.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/e2e/answers.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/sweep_text.h"

namespace probesweep::testing {
namespace {

std::string DemoSweep() { return SweepText("demo", {DemoCheckpoints("0")}, DemoDimensions({"privacy"})); }

Finished Coordinator(const std::string& data, const std::string& listen, const std::string& http) {
  return RunProgram({Program("probesweepd"), "--data", data, "--listen", listen, "--http", http}, {},
                    absl::Seconds(20));
}

TEST(RefusalTest, UnreachableCoordinator) {
  Cluster cluster;
  ASSERT_NO_FATAL_FAILURE(cluster.StartCoordinator());
  cluster.coordinator().Kill();
  const Finished list = cluster.Client({"sweep", "list"});
  EXPECT_EQ(list.exit_code, 4) << list.err;
  ExpectParts(list.err, {"cannot reach the coordinator at " + cluster.address(),
                         "start one with `probesweepd`", "--coordinator"});
}

TEST(RefusalTest, PortInUse) {
  Cluster cluster;
  ASSERT_NO_FATAL_FAILURE(cluster.StartCoordinator());
  const Finished grpc = Coordinator(cluster.File("other"), cluster.address(), "127.0.0.1:0");
  EXPECT_EQ(grpc.exit_code, 4) << grpc.err;
  ExpectParts(grpc.err, {"cannot listen for gRPC on " + cluster.address(), "Another program uses this port",
                         "--listen HOST:PORT"});
  const Finished http = Coordinator(cluster.File("other"), "127.0.0.1:0", cluster.address());
  EXPECT_EQ(http.exit_code, 4) << http.err;
  ExpectParts(http.err, {"cannot listen for HTTP on " + cluster.address(), "Another program uses this port",
                         "--http HOST:PORT"});
}

// Root may write everywhere but here.
TEST(RefusalTest, DataFolderThatCannotBeWritten) {
  const Cluster cluster;
  const std::string below_a_file = cluster.Write("a_file", "") + "/data";
  for (const std::string& folder : {std::string("/proc/probesweep"), below_a_file}) {
    const Finished refused = Coordinator(folder, "127.0.0.1:0", "127.0.0.1:0");
    EXPECT_EQ(refused.exit_code, 3) << refused.err;
    ExpectParts(refused.err, {folder, "cannot be used", "Give --data a folder that this user can write to"});
  }
}

class SweepFileTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(cluster_.StartCoordinator()); }

  void ExpectRefused(const std::string& text, const std::vector<std::string>& parts) {
    const Finished refused = cluster_.Submit(text);
    EXPECT_EQ(refused.exit_code, 3) << refused.err;
    ExpectParts(refused.err, parts);
    EXPECT_EQ(refused.out, "");
    EXPECT_EQ(cluster_.Client({"sweep", "list", "--json"}).out, "[\n]\n");
  }

  std::string Line(int line, const std::string& rest) const {
    return absl::StrCat(cluster_.File("sweep.yaml"), ":", line, ": ", rest);
  }

  Cluster cluster_;
};

TEST_F(SweepFileTest, UnknownSweep) {
  ASSERT_EQ(cluster_.Submit(DemoSweep()).exit_code, 0);
  const Finished unknown = cluster_.Client({"sweep", "get", "dmo"});
  EXPECT_EQ(unknown.exit_code, 3) << unknown.err;
  ExpectParts(unknown.err, {"no sweep 'dmo'", "'demo'"});
}

TEST_F(SweepFileTest, FileThatIsNotThere) {
  const std::string path = cluster_.File("nowhere.yaml");
  const Finished refused = cluster_.Client({"sweep", "submit", path});
  EXPECT_EQ(refused.exit_code, 3) << refused.err;
  ExpectParts(refused.err, {path, "No such file or directory"});
}

TEST_F(SweepFileTest, MisspeltFields) {
  ExpectRefused(absl::StrReplaceAll(DemoSweep(), {{"model:", "modle:"}, {"steering_share", "steering_shar"}}),
                {Line(2, "modle: unknown field; did you mean 'model'?"),
                 Line(8, "dimensions[0].steering_shar: unknown field; did you mean 'steering_share'?")});
}

TEST_F(SweepFileTest, NotYaml) { ExpectRefused("name: demo\nmodel: [neox\n", {Line(3, "this is not YAML")}); }

TEST_F(SweepFileTest, DatasetThatIsNotThere) {
  const std::string path = cluster_.File("nothing.csv");
  ExpectRefused(SweepText("demo", {DemoCheckpoints("0")}, {{"privacy", path}}),
                {Line(7, "dimensions[0].dataset: "), path, "No such file or directory"});
}

TEST_F(SweepFileTest, EmptyDataset) {
  const std::string path = cluster_.Write("empty.csv", "");
  ExpectRefused(
      SweepText("demo", {DemoCheckpoints("0")}, {{"privacy", path}}),
      {Line(7, "dimensions[0].dataset: "), path, "is empty", "header line and labelled statements"});
}

TEST_F(SweepFileTest, PatternThatMatchesNoCheckpoint) {
  const std::string pattern = cluster_.File("step*");
  ExpectRefused(SweepText("demo", {pattern}, DemoDimensions({"privacy"})),
                {"checkpoints[0]", pattern, "matches no folder", "check the path"});
}

}  // namespace
}  // namespace probesweep::testing
