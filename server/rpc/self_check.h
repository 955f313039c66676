// A process that listens but hears nobody is worse than one that is gone: nobody starts it again.
#ifndef PROBESWEEP_SERVER_RPC_SELF_CHECK_H_
#define PROBESWEEP_SERVER_RPC_SELF_CHECK_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace probesweep::server {

// Whether the gRPC server at host:port takes a connection and reacts to it, with or without TLS: it speaks,
// or closes. Blocks for up to `patience`. "0.0.0.0" and "::" are asked on loopback.
// Errors: DEADLINE_EXCEEDED (deaf), UNAVAILABLE (refused). OK when no descriptor is left to try with: that
// says nothing of the server.
absl::Status CheckThatItHears(const std::string& host, int port, absl::Duration patience);

// Calls `on_deaf` once when `check` failed several times in a row. Not thread-safe.
class SelfCheck {
 public:
  static constexpr absl::Duration kInterval = absl::Seconds(10);
  static constexpr absl::Duration kPatience = absl::Seconds(5);
  static constexpr int kFailuresInARow = 3;

  SelfCheck(std::function<absl::Status()> check, std::function<void(const absl::Status&)> on_deaf)
      : check_(std::move(check)), on_deaf_(std::move(on_deaf)) {}

  void Run();

 private:
  const std::function<absl::Status()> check_;
  const std::function<void(const absl::Status&)> on_deaf_;
  int failures_ = 0;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_RPC_SELF_CHECK_H_
