#include "server/address.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/loopback.h"

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

absl::Status CheckExposure(const Address& address, const Protection& protection) {
  if (IsLoopback(address.host)) return absl::OkStatus();
  const std::string where = absl::StrCat("--listen ", address.host, ": ");
  if (protection.tokens && !protection.tls) {
    return absl::FailedPreconditionError(absl::StrCat(
        where,
        "tokens would cross the network in plain text; add --tls-cert and --tls-key, or listen on "
        "127.0.0.1"));
  }
  const bool guarded = protection.tls && (protection.client_certificates || protection.tokens);
  if (guarded || protection.insecure) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      where, "others could reach this address and do everything. Add ",
      protection.tls ? "" : "--tls-cert and --tls-key with ",
      "--tls-client-ca (certificates) or --tokens (see docs/security.md); or listen on 127.0.0.1 and forward "
      "the port (ssh -L); or pass --insecure if the network is trusted"));
}

absl::Status CheckHttpExposure(const Address& address, bool insecure) {
  if (insecure || IsLoopback(address.host)) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "--http ", address.host,
      ": others could reach this address, and metrics and health are plain text without a login. Listen on "
      "127.0.0.1 (a proxy there can add TLS), or pass --insecure-http if the network is trusted"));
}

}  // namespace probesweep::server
