#include "client/rpc_status.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/version.h"

namespace probesweep::client {
namespace {

// gRPC nests its reasons: "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: Failed
// to connect to remote host: Connection refused". The innermost is the one that helps.
std::string InnermostReason(const std::string& message) {
  const size_t colon = message.rfind(": ");
  return colon == std::string::npos ? message : message.substr(colon + 2);
}

// Whether the transport, not the coordinator, wrote the message.
bool IsConnectFailure(const std::string& message) {
  for (absl::string_view sign :
       {"failed to connect", "Failed to connect", "connections to all backends failing",
        "DNS resolution failed", "name resolution", "empty address list"}) {
    if (absl::StrContains(message, sign)) return true;
  }
  return false;
}

// A peer that was reached, but with which no TLS connection (or none without TLS) could be set up.
bool IsTlsFailure(const std::string& message) {
  for (absl::string_view sign : {"handshake failed", "erification check failed", "erification Check failed",
                                 "Socket closed", "Connection reset by peer"}) {
    if (absl::StrContains(message, sign)) return true;
  }
  return false;
}

bool IsBrokenConnection(const std::string& message) {
  for (absl::string_view sign : {"Socket closed", "Connection reset", "GOAWAY", "keepalive", "Broken pipe",
                                 "Endpoint read failed", "recvmsg", "channel is shutting down"}) {
    if (absl::StrContains(message, sign)) return true;
  }
  return false;
}

}  // namespace

absl::Status FromRpc(const grpc::Status& status, absl::string_view address, absl::Duration timeout) {
  if (status.ok()) return absl::OkStatus();
  const std::string& message = status.error_message();
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
      if (IsConnectFailure(message) && IsTlsFailure(message)) {
        return absl::UnavailableError(absl::StrCat("no connection with the coordinator at ", address,
                                                   " could be set up: ", InnermostReason(message),
                                                   "; does it want TLS (--tls-ca) or a certificate "
                                                   "(--tls-cert, --tls-key), and is its own one of that CA "
                                                   "and for this host?"));
      }
      if (IsConnectFailure(message)) {
        return absl::UnavailableError(
            absl::StrCat("cannot reach the coordinator at ", address, ": ", InnermostReason(message),
                         "; start one with `probesweepd` or `probesweep up`, or pass --coordinator"));
      }
      if (IsBrokenConnection(message)) {
        return absl::UnavailableError(
            absl::StrCat("lost the connection to the coordinator at ", address, ": ", message));
      }
      return absl::UnavailableError(
          absl::StrCat("the coordinator at ", address, " cannot serve now: ", message));
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return absl::DeadlineExceededError(absl::StrCat(
          "the coordinator at ", address, " did not answer within ", absl::FormatDuration(timeout),
          "; check that --coordinator names its gRPC address and that it is not overloaded"));
    case grpc::StatusCode::CANCELLED:
      // We drop the status of what we cancel ourselves: this is a coordinator that shuts down.
      return absl::UnavailableError(
          absl::StrCat("the coordinator at ", address, " broke the call off; it may be stopping"));
    case grpc::StatusCode::UNIMPLEMENTED:
      return absl::UnimplementedError(
          absl::StrCat("what answers at ", address, " does not know this call (", message,
                       "): it is no coordinator, or one older than this client, ", Version()));
    default:
      return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                          message.empty()
                              ? absl::StrCat("the coordinator at ", address, " answered with code ",
                                             static_cast<int>(status.error_code()))
                              : message);
  }
}

}  // namespace probesweep::client
