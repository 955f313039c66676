#ifndef PROBESWEEP_SERVER_ADDRESS_H_
#define PROBESWEEP_SERVER_ADDRESS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace probesweep::server {

struct Address {
  std::string host;
  int port = 0;
};

// Reads "host:port", "[::1]:port". `flag` names where it was written. Errors: INVALID_ARGUMENT.
absl::StatusOr<Address> ParseAddress(const std::string& text, const std::string& flag);

// What guards the gRPC port.
struct Protection {
  bool tls = false;
  bool client_certificates = false;  // asked for, beside TLS
  bool tokens = false;
  bool insecure = false;  // the operator takes the risk
};

// gRPC at `address` (--listen): loopback needs nothing; what others can reach needs mTLS, or TLS and tokens.
// Errors: FAILED_PRECONDITION saying what is missing; also for tokens that would cross a network in plain
// text.
absl::Status CheckExposure(const Address& address, const Protection& protection);

// Metrics and health at `address` (--http) are plain text without a login: for loopback only, unless
// `insecure`. Errors: FAILED_PRECONDITION.
absl::Status CheckHttpExposure(const Address& address, bool insecure);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_ADDRESS_H_
