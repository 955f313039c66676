// Coordinator, worker and client with TLS and logins, as users run them; and a coordinator among idle peers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/file.h"
#include "tests/e2e/cluster.h"
#include "tests/support/certificates.h"
#include "tests/support/process.h"
#include "tests/support/test_data.h"

namespace probesweep::testing {
namespace {

using ::testing::HasSubstr;

class SecurityTest : public ::testing::Test {
 protected:
  void WriteSecret(const std::string& name, const std::string& text) {
    ASSERT_TRUE(WriteFileAtomically(File(name), text).ok());
    ASSERT_EQ(::chmod(File(name).c_str(), 0600), 0);
  }
  std::string File(const std::string& name) const { return folder_.File(name); }

  // `before`: a shell's commands that it starts under.
  void StartCoordinator(const std::vector<std::string>& flags, const std::string& before = "true") {
    std::vector<std::string> argv = {"/bin/sh",
                                     "-c",
                                     before + "; exec \"$0\" \"$@\"",
                                     Program("probesweepd"),
                                     "--data",
                                     File("data"),
                                     "--listen",
                                     "127.0.0.1:0",
                                     "--http",
                                     "127.0.0.1:0",
                                     "--ready-file",
                                     File("ready.json")};
    argv.insert(argv.end(), flags.begin(), flags.end());
    coordinator_ = std::make_unique<Process>(argv);
    std::string ready;
    ASSERT_TRUE(Eventually([&] {
      ready = ReadFile(File("ready.json")).value_or("");
      return !ready.empty() || coordinator_->Ended().has_value();
    }));
    ASSERT_FALSE(ready.empty()) << coordinator_->err();
    address_ = nlohmann::json::parse(ready).at("grpc").get<std::string>();
  }

  Finished Client(const std::vector<std::string>& arguments, const std::string& token = "") {
    ProcessOptions options;
    options.environment["XDG_CONFIG_HOME"] = File("none");
    if (!token.empty()) options.environment["PROBESWEEP_TOKEN"] = token;
    std::vector<std::string> argv = {Program("probesweep"), "--coordinator", address_};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    Finished finished = RunProgram(argv, options);
    said_ += finished.out + finished.err;
    return finished;
  }

  const TempDir folder_;
  std::unique_ptr<Process> coordinator_;
  std::string address_;
  std::string said_;  // by all clients
};

TEST_F(SecurityTest, TheProgramsSpeakOverTlsWithTokensAndTellNoSecret) {
  const std::string reader(32, 'r'), worker(32, 'w'), stranger(32, 's');
  WriteSecret("worker.token", worker + "\n");
  WriteSecret("logins", absl::StrCat("ada read sha256:", Sha256Hex(reader),
                                     "\nnodes worker sha256:", Sha256Hex(worker), "\n"));
  const TlsFiles tls = CertificateAuthority().Issue(File("server"));
  StartCoordinator({"--tls-cert", tls.cert, "--tls-key", tls.key, "--tokens", File("logins"), "--audit-log",
                    File("audit.jsonl"), "--log-level", "trace"});
  const std::vector<std::string> list = {"--tls-ca", tls.ca, "worker", "list"};
  EXPECT_EQ(Client(list, reader).exit_code, 0) << said_;
  EXPECT_THAT(Client(list).err, HasSubstr("PROBESWEEP_TOKEN"));
  EXPECT_THAT(Client(list, stranger).err, HasSubstr("does not know this token"));
  EXPECT_THAT(Client(list, worker).err, HasSubstr("'nodes' has the role worker"));
  EXPECT_NE(Client({"worker", "list"}, reader).exit_code, 0) << "plain text was served";

  ProcessOptions options;
  options.environment["PROBESWEEP_TLS_CA"] = tls.ca;
  options.environment["PROBESWEEP_TOKEN_FILE"] = File("worker.token");
  options.environment["XDG_STATE_HOME"] = File("state");
  Process node({Program("probesweep-worker"), "--coordinator", address_, "--id", "node-7", "--threads", "1"},
               options);
  EXPECT_TRUE(
      Eventually([&] { return absl::StrContains(Client(list, reader).out, "node-7"); }, absl::Seconds(30)))
      << node.err();

  const std::string audit = ReadFile(File("audit.jsonl")).value_or("");
  EXPECT_THAT(audit, HasSubstr("\"worker\":\"node-7\""));
  EXPECT_THAT(audit, HasSubstr("UNAUTHENTICATED"));
  const std::string everything = absl::StrCat(said_, audit, node.err(), node.out(), coordinator_->err());
  EXPECT_THAT(coordinator_->err(), HasSubstr("probesweepd"));
  for (const std::string& token : {reader, worker, stranger}) {
    for (const std::string& secret : {token, Sha256Hex(token)}) {
      EXPECT_FALSE(absl::StrContains(everything, secret)) << "a secret was told";
    }
  }
}

// As many connections as there is room for in this process; closed together.
class IdlePeers {
 public:
  IdlePeers(int port, int count) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    for (int i = 0; i < count; ++i) {
      const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (socket < 0) break;
      sockets_.push_back(socket);
      ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
  }
  ~IdlePeers() {
    for (const int socket : sockets_) ::close(socket);
  }
  IdlePeers(const IdlePeers&) = delete;
  IdlePeers& operator=(const IdlePeers&) = delete;
  size_t count() const { return sockets_.size(); }

 private:
  std::vector<int> sockets_;
};

TEST_F(SecurityTest, FiveThousandIdlePeersAtALowDescriptorLimitAreShakenOff) {
  constexpr int kPeers = 5'000;
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  if (limit.rlim_max < kPeers + 100) GTEST_SKIP() << "this test may open " << limit.rlim_max << " files only";
  rlimit raised = limit;
  raised.rlim_cur = raised.rlim_max;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &raised), 0);
  StartCoordinator({}, "ulimit -n 400");
  int port = 0;
  ASSERT_TRUE(absl::SimpleAtoi(address_.substr(address_.rfind(':') + 1), &port));
  ASSERT_EQ(Client({"worker", "list"}).exit_code, 0) << said_;
  const auto served = [&] { return Client({"worker", "list"}).exit_code == 0; };
  {
    const IdlePeers peers(port, kPeers);
    ASSERT_EQ(peers.count(), kPeers);
    // While they stay: those that were let in must greet within the handshake's 10 s.
    EXPECT_TRUE(Eventually(served, absl::Seconds(15))) << said_;
  }
  {
    const IdlePeers peers(port, kPeers);
    ASSERT_EQ(peers.count(), kPeers);
  }
  EXPECT_TRUE(Eventually(served, absl::Seconds(5))) << said_;
  EXPECT_THAT(coordinator_->err(), HasSubstr("too many connections"));
  EXPECT_FALSE(coordinator_->Ended().has_value());
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
}

}  // namespace
}  // namespace probesweep::testing
