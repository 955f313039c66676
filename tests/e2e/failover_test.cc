// Two coordinators on one PostgreSQL database and one data folder: one leads, the other takes over.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/file.h"
#include "tests/e2e/answers.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/sweep_text.h"
#include "tests/support/postgres.h"

namespace probesweep::testing {
namespace {

using nlohmann::json;

constexpr absl::Duration kFailover = absl::Seconds(20);

// One of the coordinators.
struct Coordinator {
  std::unique_ptr<Process> process;
  std::string ready_file;

  // Where it serves gRPC; empty while it stands by.
  std::string address() const {
    const std::string ready = ReadFile(ready_file).value_or("");
    return ready.empty() ? "" : json::parse(ready).at("grpc").get<std::string>();
  }
};

class FailoverTest : public ::testing::Test {
 protected:
  // On any free port unless `listen` says where.
  Coordinator Start(const std::string& name, const std::string& listen = "127.0.0.1:0") {
    Coordinator coordinator;
    coordinator.ready_file = folder_.File(name + ".json");
    coordinator.process = std::make_unique<Process>(std::vector<std::string>{
        Program("probesweepd"), "--store", uri_, "--data", folder_.File("data"), "--listen", listen, "--http",
        "127.0.0.1:0", "--ready-file", coordinator.ready_file});
    return coordinator;
  }

  static void AwaitLead(const Coordinator& coordinator, absl::Duration patience) {
    EXPECT_TRUE(Eventually([&] { return !coordinator.address().empty(); }, patience))
        << coordinator.process->err();
  }

  static void AwaitStandby(const Coordinator& coordinator) {
    EXPECT_TRUE(Eventually([&] { return absl::StrContains(coordinator.process->err(), "standing by"); }))
        << coordinator.process->err();
    EXPECT_EQ(coordinator.address(), "");
  }

  std::vector<std::string> ClientArguments(const Coordinator& coordinator,
                                           const std::vector<std::string>& arguments) const {
    std::vector<std::string> argv = {Program("probesweep"), "--coordinator", coordinator.address()};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return argv;
  }

  // Standard output of a command that must succeed.
  std::string Client(const Coordinator& coordinator, const std::vector<std::string>& arguments) const {
    const Finished finished = RunProgram(ClientArguments(coordinator, arguments));
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    return finished.out;
  }

  void Submit(const Coordinator& coordinator, const std::string& name) const {
    const std::string file = folder_.File(name + ".yaml");
    ASSERT_TRUE(WriteFileAtomically(file, SweepText(name, {DemoCheckpoints("{0,16}")},
                                                    DemoDimensions({"reliability", "privacy"})))
                    .ok());
    Client(coordinator, {"sweep", "submit", file});
  }

  std::string Tasks(const Coordinator& coordinator, const std::string& sweep) const {
    return Client(coordinator, {"sweep", "get", sweep, "--tasks", "--json"});
  }

  // An address that nobody listens on now.
  static std::string FreeAddress() {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
    ::close(fd);
    return absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
  }

  static int CountReady(const std::string& tasks) {
    int ready = 0;
    for (const json& task : json::parse(tasks)) ready += task["state"] == "TASK_STATE_READY" ? 1 : 0;
    return ready;
  }

  PostgresServer postgres_;
  const std::string uri_ = postgres_.MakeDatabase();
  TempDir folder_;
};

TEST_F(FailoverTest, TheStandbyServesWhatAKilledLeaderAcknowledged) {
  Coordinator a = Start("a");
  AwaitLead(a, kFailover);
  Coordinator b = Start("b");
  AwaitStandby(b);
  ASSERT_NO_FATAL_FAILURE(Submit(a, "acknowledged"));
  const std::string tasks = Tasks(a, "acknowledged");
  EXPECT_EQ(CountReady(tasks), 4);

  a.process->Kill();
  AwaitLead(b, kFailover);
  EXPECT_EQ(Tasks(b, "acknowledged"), tasks);
  ASSERT_NO_FATAL_FAILURE(Submit(b, "after"));

  Coordinator again = Start("a");
  AwaitStandby(again);
}

TEST_F(FailoverTest, ALeaderThatWakesUpAfterATakeoverWritesNothingAndExits) {
  Coordinator a = Start("a");
  AwaitLead(a, kFailover);
  Coordinator b = Start("b");
  AwaitStandby(b);
  ASSERT_NO_FATAL_FAILURE(Submit(a, "sweep"));

  a.process->Signal(SIGSTOP);
  // Waits in the sleeper's socket: what it does first when it wakes up.
  Process late(ClientArguments(a, {"sweep", "cancel", "sweep"}));
  AwaitLead(b, kFailover);
  const std::string tasks = Tasks(b, "sweep");
  EXPECT_EQ(CountReady(tasks), 4);

  a.process->Signal(SIGCONT);
  EXPECT_EQ(a.process->Wait(kFailover), 4) << a.process->err();
  ExpectParts(a.process->err(), {"another coordinator", "leads since epoch 2"});
  EXPECT_NE(late.Wait(absl::Seconds(60)), 0) << late.out() << late.err();
  EXPECT_EQ(Tasks(b, "sweep"), tasks);
  EXPECT_EQ(postgres_.Value(uri_, "SELECT COUNT(*) FROM tasks WHERE state = 'ready'"), "4")
      << "the old leader's change was stored";
}

TEST_F(FailoverTest, ALeaderThatIsStoppedGivesUpTheLeadAtOnce) {
  Coordinator a = Start("a");
  AwaitLead(a, kFailover);
  Coordinator b = Start("b");
  AwaitStandby(b);
  a.process->Signal(SIGTERM);
  const absl::Time start = absl::Now();
  AwaitLead(b, kFailover);
  EXPECT_LT(absl::Now() - start, absl::Seconds(8)) << "it waited as for a leader that died";
  EXPECT_EQ(a.process->Wait(kFailover), 0) << a.process->err();
}

// The whole of it: the leader dies while a worker computes; nobody is told the new one's address.
TEST_F(FailoverTest, AWorkerAndItsResultsOutliveTheLeader) {
  const std::string sweep = SweepText("outlives", {DemoCheckpoints("{0,16,64,256,1000,4000,8000,16000}")},
                                      DemoDimensions({"reliability", "privacy"}));
  Cluster undisturbed;
  undisturbed.StartCoordinator();
  undisturbed.StartWorker("w");
  const Finished run = undisturbed.Submit(sweep, {"--wait"});
  ASSERT_EQ(run.exit_code, 0) << run.err;

  const std::string address_a = FreeAddress(), address_b = FreeAddress(), both = address_a + "," + address_b;
  Coordinator a = Start("a", address_a);
  AwaitLead(a, kFailover);
  Coordinator b = Start("b", address_b);
  AwaitStandby(b);
  ProcessOptions environment;
  environment.environment["XDG_STATE_HOME"] = folder_.File("state");
  Process worker({Program("probesweep-worker"), "--coordinator", both, "--id", "w", "--threads", "1"},
                 environment);
  const auto client = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {Program("probesweep"), "--coordinator", both});
    return RunProgram(arguments, {}, absl::Minutes(4));
  };
  const std::string file = folder_.File("sweep.yaml");
  ASSERT_TRUE(WriteFileAtomically(file, sweep).ok());
  ASSERT_EQ(client({"sweep", "submit", file}).exit_code, 0);
  const std::string count = "SELECT COUNT(*) FROM tasks WHERE state = 'done'";
  ASSERT_TRUE(Eventually([&] { return postgres_.Value(uri_, count) != "0"; })) << worker.err();

  a.process->Kill();
  EXPECT_NE(postgres_.Value(uri_, count), "16") << "it was too late to disturb anything";
  AwaitLead(b, kFailover);
  const Finished watched = client({"sweep", "watch", "outlives"});
  ASSERT_EQ(watched.exit_code, 0) << watched.err << worker.err() << b.process->err();
  EXPECT_EQ(client({"results", "export", "outlives", "--format", "csv"}).out, undisturbed.Export("outlives"));
  EXPECT_EQ(client({"artifacts", "list", "outlives"}).out, undisturbed.Artifacts("outlives"));
}

TEST_F(FailoverTest, AStandbyEndsWhenItIsTold) {
  Coordinator a = Start("a");
  AwaitLead(a, kFailover);
  Coordinator b = Start("b");
  AwaitStandby(b);
  b.process->Signal(SIGTERM);
  EXPECT_EQ(b.process->Wait(kFailover), 0) << b.process->err();
  EXPECT_FALSE(a.process->Ended().has_value());
}

}  // namespace
}  // namespace probesweep::testing
