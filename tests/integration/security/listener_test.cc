// Accepting connections, and noticing when nobody does.
#include "server/rpc/listener.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>

#include "server/rpc/self_check.h"
#include "tests/integration/security/security_fixture.h"

namespace probesweep::server {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

// A connected socket, closed at the end.
class Peer {
 public:
  explicit Peer(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_in address = Loopback(port);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  ~Peer() { ::close(socket_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  bool ClosedWithin(absl::Duration patience) const {
    pollfd watched = {socket_, POLLIN, 0};
    char byte = 0;
    return ::poll(&watched, 1, static_cast<int>(absl::ToInt64Milliseconds(patience))) == 1 &&
           ::recv(socket_, &byte, 1, 0) <= 0;
  }

 private:
  const int socket_;
};

TEST(ListenerTest, ConnectionsPastTheLimitAreClosedAtOnceAndOthersWhenThereIsRoom) {
  constexpr int kLimit = 4;
  ASSERT_OK_AND_ASSIGN(const auto listener, Listener::Bind({"127.0.0.1", 0, kLimit}));
  std::atomic<int> taken{0};
  std::vector<int> accepted;
  absl::Mutex mutex;
  listener->Start([&](int descriptor) {
    absl::MutexLock lock(&mutex);
    accepted.push_back(descriptor);
    ++taken;
  });
  std::vector<std::unique_ptr<Peer>> peers;
  // The peers' own ends are descriptors of this process too: at most `kLimit` connections fit.
  bool refused = false;
  for (int i = 0; i <= kLimit && !refused; ++i) {
    peers.push_back(std::make_unique<Peer>(listener->port()));
    refused = peers.back()->ClosedWithin(absl::Milliseconds(500));
  }
  EXPECT_TRUE(refused);
  EXPECT_LT(taken, kLimit);
  peers.clear();
  {
    absl::MutexLock lock(&mutex);
    for (const int descriptor : accepted) ::close(descriptor);
    accepted.clear();
  }
  const Peer next(listener->port());
  EXPECT_FALSE(next.ClosedWithin(absl::Milliseconds(500)));
}

TEST(ListenerTest, TooFewDescriptorsForAnyPeerAreRefusedAtTheStart) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  rlimit low = limit;
  low.rlim_cur = Listener::kReservedDescriptors;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_STATUS(Listener::Bind({"127.0.0.1", 0, 10}), kFailedPrecondition, "256", "ulimit -n");
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
}

TEST(ListenerTest, AStoppedListenerLeavesItsPort) {
  ASSERT_OK_AND_ASSIGN(auto listener, Listener::Bind({"127.0.0.1", 0, 10}));
  const int port = listener->port();
  EXPECT_STATUS(Listener::Bind({"127.0.0.1", port, 10}), kUnavailable, "in use", "--listen");
  listener->Start([](int descriptor) { ::close(descriptor); });
  listener->Stop();
  EXPECT_OK(Listener::Bind({"127.0.0.1", port, 10}));
}

class SelfCheckTest : public SecurityFixture {
 protected:
  absl::Status Check(absl::Duration patience = absl::Seconds(5)) {
    const absl::StatusOr<Address> address = ParseAddress(server_->grpc_address(), "");
    EXPECT_OK(address);
    return CheckThatItHears(address->host, address->port, patience);
  }
};

TEST_F(SelfCheckTest, AServerIsHeardWithAndWithoutTls) {
  Start();
  EXPECT_OK(Check());
  server_.reset();
  options_.guards.tls = authority_.Issue(folder_.File("server"));
  Start();
  EXPECT_OK(Check());
}

TEST(DeafServerTest, AServerThatDoesNotAcceptIsDeaf) {
  // What is left of gRPC 1.51's server after a failed accept: the system connects, nobody reacts.
  const int deaf = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(deaf, reinterpret_cast<const sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(deaf, 8), 0);
  ASSERT_EQ(::getsockname(deaf, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const int port = ntohs(address.sin_port);
  EXPECT_STATUS(CheckThatItHears("127.0.0.1", port, absl::Milliseconds(300)), kDeadlineExceeded,
                "does not react");
  ::close(deaf);
  EXPECT_STATUS(CheckThatItHears("127.0.0.1", port, absl::Milliseconds(300)), kUnavailable);
}

}  // namespace
}  // namespace probesweep::server
