#include "server/rpc/self_check.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/logging.h"

namespace probesweep::server {
namespace {

// HTTP/2's greeting. A server with TLS takes it for nonsense and closes, which is a reaction too.
constexpr char kGreeting[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

std::string ReachableHost(const std::string& host) {
  if (host == "0.0.0.0") return "127.0.0.1";
  return host == "::" ? "::1" : host;
}

absl::Status Deaf(const std::string& host, int port, absl::string_view why) {
  return absl::DeadlineExceededError(absl::StrCat("the server at ", host, ":", port, " ", why));
}

// Waits until `socket` is ready for `events`; false when it is not by `end`.
bool Await(int socket, short events, absl::Time end) {
  pollfd watched = {socket, events, 0};
  while (true) {
    const int64_t left = absl::ToInt64Milliseconds(end - absl::Now());
    if (left <= 0) return false;
    const int ready = ::poll(&watched, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

absl::Status Greet(int socket, const addrinfo& address, const std::string& host, int port, absl::Time end) {
  if (::connect(socket, address.ai_addr, address.ai_addrlen) != 0 && errno != EINPROGRESS) {
    return absl::UnavailableError(absl::StrCat(host, ":", port, ": ", std::strerror(errno)));
  }
  if (!Await(socket, POLLOUT, end)) return Deaf(host, port, "takes no connections");
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return absl::UnavailableError(absl::StrCat(host, ":", port, ": ", std::strerror(error)));
  (void)!::send(socket, kGreeting, sizeof kGreeting - 1, MSG_NOSIGNAL);
  if (!Await(socket, POLLIN, end)) return Deaf(host, port, "does not react to connections");
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckThatItHears(const std::string& host, int port, absl::Duration patience) {
  const absl::Time end = absl::Now() + patience;
  const std::string reachable = ReachableHost(host);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(reachable.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    return absl::OkStatus();  // the name's service is down, not ours
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, ::freeaddrinfo);
  const int socket = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return absl::OkStatus();
  const absl::Status status = Greet(socket, *found, reachable, port, end);
  ::close(socket);
  return status;
}

void SelfCheck::Run() {
  const absl::Status status = check_();
  if (status.ok()) {
    failures_ = 0;
    return;
  }
  ++failures_;
  spdlog::warn("self-check {} of {} failed: {}", failures_, kFailuresInARow, status.message());
  if (failures_ == kFailuresInARow) on_deaf_(status);
}

}  // namespace probesweep::server
