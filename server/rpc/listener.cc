#include "server/rpc/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/logging.h"
#include "common/status.h"

namespace probesweep::server {
namespace {

constexpr int kBacklog = 4'096;  // a thousand workers that come back at once; the system may allow fewer
constexpr int kAcceptsPerTurn = 64;
constexpr int kPauseMs = 50;  // when no descriptor is left
constexpr absl::Duration kReportInterval = absl::Seconds(10);

std::string HostPort(const std::string& host, int port) {
  return absl::StrContains(host, ":") ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

absl::Status CannotListen(const ListenerOptions& options, absl::string_view why, bool in_use) {
  return absl::UnavailableError(
      absl::StrCat("cannot listen for gRPC on ", HostPort(options.host, options.port), ": ", why,
                   in_use ? ". Another program uses this port: stop it, or choose another with --listen "
                            "HOST:PORT"
                          : ". Choose an address of this machine with --listen HOST:PORT"));
}

int PortOf(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&address)->sin6_port
                                             : reinterpret_cast<sockaddr_in*>(&address)->sin_port);
}

// A listening socket, or -1 with errno. `port` 0: that of `address`.
int ListenOn(const addrinfo& address, int port) {
  const int socket = ::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return -1;
  const int yes = 1;
  const int no = 0;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (address.ai_family == AF_INET6) ::setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
  if (port != 0 && address.ai_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(address.ai_addr)->sin6_port = htons(static_cast<uint16_t>(port));
  } else if (port != 0) {
    reinterpret_cast<sockaddr_in*>(address.ai_addr)->sin_port = htons(static_cast<uint16_t>(port));
  }
  if (::bind(socket, address.ai_addr, address.ai_addrlen) == 0 && ::listen(socket, kBacklog) == 0) {
    return socket;
  }
  const int error = errno;
  ::close(socket);
  errno = error;
  return -1;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Bind(const ListenerOptions& options) {
  std::unique_ptr<Listener> listener(new Listener(options));
  PS_RETURN_IF_ERROR(listener->BindAll());
  PS_RETURN_IF_ERROR(listener->LimitDescriptors());
  return listener;
}

absl::Status Listener::BindAll() {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int failed =
      ::getaddrinfo(options_.host.c_str(), std::to_string(options_.port).c_str(), &hints, &found);
  if (failed != 0) return CannotListen(options_, ::gai_strerror(failed), /*in_use=*/false);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, ::freeaddrinfo);
  int error = 0;
  // A name such as localhost may stand for an IPv4 and an IPv6 address; this machine may lack one of them.
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    const int socket = ListenOn(*address, port_);
    if (socket >= 0) {
      sockets_.push_back(socket);
      port_ = PortOf(socket);
    } else if (error == 0 || errno == EADDRINUSE) {
      error = errno;
    }
  }
  if (sockets_.empty() || error == EADDRINUSE) {
    return CannotListen(options_, std::strerror(error), error == EADDRINUSE);
  }
  address_ = HostPort(options_.host, port_);
  stop_event_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return absl::OkStatus();
}

absl::Status Listener::LimitDescriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const auto allowed = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 1 << 30));
  const int used = std::max(sockets_.back(), stop_event_) + 1;
  first_refused_descriptor_ = std::min(used + options_.max_connections, allowed - kReservedDescriptors);
  if (first_refused_descriptor_ > used) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("this process may open ", allowed,
                   " files and connections, which leaves none for peers; "
                   "raise the limit to 1024 or more (`ulimit -n`, or LimitNOFILE= in its systemd unit)"));
}

Listener::~Listener() {
  Stop();
  for (const int socket : sockets_) ::close(socket);
  if (stop_event_ >= 0) ::close(stop_event_);
}

void Listener::Start(std::function<void(int)> take) {
  take_ = std::move(take);
  thread_ = std::thread([this] { Run(); });
}

void Listener::Stop() {
  if (!thread_.joinable()) return;
  const uint64_t one = 1;
  (void)!::write(stop_event_, &one, sizeof one);
  thread_.join();
  for (const int socket : sockets_) ::close(socket);
  sockets_.clear();
}

void Listener::Run() {
  std::vector<pollfd> watched = {{stop_event_, POLLIN, 0}};
  for (const int socket : sockets_) watched.push_back({socket, POLLIN, 0});
  while (true) {
    for (pollfd& one : watched) one.revents = 0;
    ::poll(watched.data(), watched.size(), -1);
    if (watched[0].revents != 0) return;
    bool descriptors_left = true;
    for (size_t i = 1; i < watched.size(); ++i) {
      if (watched[i].revents != 0) descriptors_left = AcceptFrom(watched[i].fd) && descriptors_left;
    }
    // Those who wait in the backlog would wake poll at once.
    if (!descriptors_left) ::poll(watched.data(), 1, kPauseMs);
  }
}

bool Listener::AcceptFrom(int socket) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    const int connection = ::accept4(socket, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection < 0) {
      // Whatever else fails concerns one peer, which is gone by now.
      const bool none_left = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
      if (none_left) ReportRefused();
      return !none_left;
    }
    if (connection >= first_refused_descriptor_) {
      ::close(connection);
      ReportRefused();
      continue;
    }
    const int yes = 1;
    ::setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    take_(connection);
  }
  return true;
}

void Listener::ReportRefused() {
  ++refused_;
  if (absl::Now() - reported_at_ < kReportInterval) return;
  reported_at_ = absl::Now();
  spdlog::warn(
      "too many connections: {} refused since the start; see --max-connections and the limit on open files",
      refused_);
}

}  // namespace probesweep::server
