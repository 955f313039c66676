#ifndef PROBESWEEP_SERVER_RPC_LISTENER_H_
#define PROBESWEEP_SERVER_RPC_LISTENER_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace probesweep::server {

struct ListenerOptions {
  std::string host = "127.0.0.1";
  int port = 7077;  // 0: any free one
  // Connections open at once; further ones are closed at once, which their peers see and try again later.
  int max_connections = 8'192;
};

// Accepts connections on a thread of its own and hands them on. gRPC 1.51 must not do it itself: it has no
// limit on connections, and one failed accept (no descriptor left) leaves it deaf for good (CVE-2023-4785).
//
// The limit needs no list of what is open: the system gives the lowest free number, so a descriptor's number
// says that at least so many are in use.
class Listener {
 public:
  // Of the process's descriptors, so many are kept from peers: for HTTP (128), the store, blobs, gRPC itself.
  static constexpr int kReservedDescriptors = 256;

  // Errors: UNAVAILABLE naming the address (in use, not of this machine); FAILED_PRECONDITION when the
  // process may open too few descriptors.
  static absl::StatusOr<std::unique_ptr<Listener>> Bind(const ListenerOptions& options);
  // Stops.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Begins to accept. `take` is called on the listener's thread, owns the descriptor and returns at once.
  void Start(std::function<void(int descriptor)> take);
  // Accepts no more; peers that come now are refused by the system. May be repeated.
  void Stop();

  // "host:port" with the port really listened on.
  const std::string& address() const { return address_; }
  int port() const { return port_; }

 private:
  explicit Listener(const ListenerOptions& options) : options_(options) {}

  absl::Status BindAll();
  absl::Status LimitDescriptors();
  void Run();
  // False when the system has no descriptor left for now.
  bool AcceptFrom(int socket);
  void ReportRefused();

  const ListenerOptions options_;
  std::string address_;
  int port_ = 0;
  std::vector<int> sockets_;
  int stop_event_ = -1;
  int first_refused_descriptor_ = 0;
  std::function<void(int)> take_;
  std::thread thread_;
  // On the thread only.
  int64_t refused_ = 0;
  absl::Time reported_at_ = absl::InfinitePast();
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_RPC_LISTENER_H_
