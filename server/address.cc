#include "server/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace probesweep::server {

absl::StatusOr<Address> ParseAddress(const std::string& text, const std::string& flag) {
  const size_t colon = text.rfind(':');
  Address address;
  if (colon != std::string::npos && colon > 0) {
    address.host = text.substr(0, colon);
    const bool bracketed = absl::StartsWith(address.host, "[") && absl::EndsWith(address.host, "]");
    if (bracketed) address.host = address.host.substr(1, address.host.size() - 2);
    const bool ambiguous = !bracketed && absl::StrContains(address.host, ":");
    if (!ambiguous && !address.host.empty() && absl::SimpleAtoi(text.substr(colon + 1), &address.port) &&
        address.port >= 0 && address.port <= 65535) {
      return address;
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat(flag, " '", text, "' is no address; write HOST:PORT, e.g. 127.0.0.1:7077 or [::1]:7077"));
}

bool IsLoopback(const std::string& host) {
  if (host == "localhost") return true;
  in_addr v4{};
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return ::inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

absl::Status CheckExposure(const Address& address, bool insecure, const std::string& flag) {
  if (insecure || IsLoopback(address.host)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(flag, " ", address.host,
                   ": others could reach this address, and there is no TLS or login yet. Listen on "
                   "127.0.0.1 and forward the port (ssh -L), or pass --insecure if the network is trusted"));
}

}  // namespace probesweep::server
