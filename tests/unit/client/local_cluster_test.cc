#include "client/cli/local_cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::client {
namespace {

// Shell scripts stand for the coordinator and the worker; both note in `log` what happens to them.
class LocalClusterTest : public ::testing::Test {
 protected:
  LocalClusterTest() {
    options_.coordinator_program = folder_.File("coordinator");
    options_.worker_program = folder_.File("worker");
    options_.worker_arguments = {"--device", "cpu"};
    options_.ready_file = folder_.File("ready.json");
    options_.startup_patience = absl::Seconds(10);
    options_.worker_is_there = [this](const std::string& address) {
      asked_ = address;
      return LogHas("worker");
    };
    // "$2" is the path after --ready-file.
    WriteScript("coordinator", Serving("echo '{\"grpc\":\"h:1\",\"http\":\"h:2\"}' > $2.t; mv $2.t $2"));
    WriteScript("worker", Serving("echo worker $* >> LOG"));
  }

  // Does `start`, then runs until SIGTERM.
  static std::string Serving(const std::string& start) {
    return absl::StrCat("trap 'echo $0 stopped >> LOG; exit 0' TERM\n", start,
                        "\nwhile :; do sleep 0.02; done\n");
  }
  void WriteScript(const std::string& name, std::string text) {
    for (size_t at = text.find("LOG"); at != std::string::npos; at = text.find("LOG", at + 1)) {
      text.replace(at, 3, folder_.File("log"));
    }
    ASSERT_OK(WriteFileAtomically(folder_.File(name), "#!/bin/sh\n" + text));
    ::chmod(folder_.File(name).c_str(), 0755);
  }
  std::string Log() { return ReadFile(folder_.File("log")).value_or(""); }
  bool LogHas(const std::string& part) { return Log().find(part) != std::string::npos; }
  absl::Status Run() {
    return RunLocalCluster(options_, [this](const ServingAddresses& addresses) {
      ready_ = addresses;
      ::raise(SIGTERM);
      return absl::OkStatus();
    });
  }

  testing::TempDir folder_;
  LocalClusterOptions options_;
  ServingAddresses ready_;
  std::string asked_;
};

TEST_F(LocalClusterTest, StartsBothAndStopsTheWorkerFirst) {
  ASSERT_OK(Run());
  EXPECT_EQ(ready_.grpc, "h:1");
  EXPECT_EQ(ready_.http, "h:2");
  EXPECT_EQ(asked_, "h:1");
  EXPECT_EQ(Log(), absl::StrCat("worker --device cpu --coordinator h:1\n", folder_.File("worker"),
                                " stopped\n", folder_.File("coordinator"), " stopped\n"));
}

TEST_F(LocalClusterTest, TellsWhenTheCoordinatorEndsByItself) {
  WriteScript("coordinator", "exit 3\n");
  EXPECT_STATUS(Run(), kUnavailable, "coordinator ended by itself", "exit code 3");
  EXPECT_EQ(Log(), "") << "no worker is started without a coordinator";
}

TEST_F(LocalClusterTest, StopsTheCoordinatorWhenTheWorkerDies) {
  WriteScript("worker", "echo worker >> LOG\nkill -9 $$\n");
  options_.worker_is_there = [](const std::string&) { return false; };
  EXPECT_STATUS(Run(), kUnavailable, "worker ended by itself", "signal 9");
  EXPECT_TRUE(LogHas("coordinator stopped"));
}

TEST_F(LocalClusterTest, GivesUpOnACoordinatorThatNeverServes) {
  WriteScript("coordinator", Serving(":"));
  options_.startup_patience = absl::Milliseconds(300);
  EXPECT_STATUS(Run(), kUnavailable, "the coordinator did not get ready within 300ms");
  EXPECT_TRUE(LogHas("coordinator stopped"));
}

TEST_F(LocalClusterTest, KillsAChildThatDoesNotStop) {
  WriteScript("worker", "trap '' TERM\necho worker >> LOG\nwhile :; do sleep 0.02; done\n");
  options_.worker_stop_patience = absl::Milliseconds(200);
  EXPECT_OK(Run());
  EXPECT_TRUE(LogHas("coordinator stopped"));
}

TEST_F(LocalClusterTest, NamesAProgramThatCannotBeStarted) {
  options_.coordinator_program = folder_.File("none");
  EXPECT_STATUS(Run(), kNotFound, folder_.File("none"));
}

TEST_F(LocalClusterTest, FindsProgramsThroughThePath) {
  ASSERT_OK_AND_ASSIGN(const std::string path, FindProgram("worker", "/nowhere:" + folder_.path()));
  EXPECT_EQ(path, folder_.File("worker"));
  EXPECT_STATUS(FindProgram("probesweep-nothing", folder_.path()), kNotFound, "probesweep-nothing", "PATH");
}

TEST_F(LocalClusterTest, ReadsWhatAReadyFileSaysAndRefusesAnotherFile) {
  const std::string path = folder_.File("r.json");
  EXPECT_STATUS(ReadReadyFile(path), kNotFound, path);
  ASSERT_OK(WriteFileAtomically(path, ReadyFileText({"a:1", "b:2"})));
  ASSERT_OK_AND_ASSIGN(const ServingAddresses addresses, ReadReadyFile(path));
  EXPECT_EQ(addresses.grpc, "a:1");
  EXPECT_EQ(addresses.http, "b:2");
  for (const char* text : {"", "[]", "{\"grpc\": 3}", "{\"http\": \"x\"}"}) {
    ASSERT_OK(WriteFileAtomically(path, text));
    EXPECT_STATUS(ReadReadyFile(path), kInvalidArgument, path);
  }
}

}  // namespace
}  // namespace probesweep::client
