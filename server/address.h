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

// True when only this machine can reach `host`: localhost, 127.0.0.0/8, ::1.
bool IsLoopback(const std::string& host);

// Errors: FAILED_PRECONDITION for an address that others can reach, unless `insecure`: there is no TLS yet.
absl::Status CheckExposure(const Address& address, bool insecure, const std::string& flag);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_ADDRESS_H_
