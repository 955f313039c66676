#include "server/address.h"

#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

TEST(AddressTest, HostAndPortAreSplit) {
  const struct {
    const char* text;
    const char* host;
    int port;
  } cases[] = {{"127.0.0.1:7077", "127.0.0.1", 7077},
               {"[::1]:0", "::1", 0},
               {"node-1.lan:65535", "node-1.lan", 65535}};
  for (const auto& c : cases) {
    const absl::StatusOr<Address> address = ParseAddress(c.text, "--listen");
    ASSERT_OK(address);
    EXPECT_EQ(address->host, c.host);
    EXPECT_EQ(address->port, c.port);
  }
}

TEST(AddressTest, WhatIsNoAddressIsRefusedByFlag) {
  for (const char* text :
       {"", "7077", ":7077", "host", "host:", "host:x", "host:65536", "host:-1", "::1:7077", "[]:1"}) {
    EXPECT_STATUS(ParseAddress(text, "--listen"), kInvalidArgument, "--listen", text, "HOST:PORT");
  }
}

TEST(AddressTest, WhatOthersReachNeedsCertificatesOrTlsAndTokens) {
  constexpr bool kTls = true, kClientCertificates = true, kTokens = true, kInsecure = true;
  const struct {
    Protection protection;
    bool enough;
    const char* missing;
  } cases[] = {
      {{}, false, "--tls-cert"},
      {{kTls, false, false, false}, false, "--tls-client-ca"},
      {{kTls, kClientCertificates, false, false}, true, ""},
      {{kTls, false, kTokens, false}, true, ""},
      {{kTls, kClientCertificates, kTokens, false}, true, ""},
      {{false, false, false, kInsecure}, true, ""},
      {{kTls, false, false, kInsecure}, true, ""},
      {{false, false, kTokens, false}, false, "plain text"},
      {{false, false, kTokens, kInsecure}, false, "plain text"},
  };
  for (const auto& c : cases) {
    for (const char* host : {"0.0.0.0", "::", "192.168.0.1", "node.lan", "127.0.0.1.evil.org"}) {
      if (c.enough) {
        EXPECT_OK(CheckExposure({host, 1}, c.protection)) << host;
      } else {
        EXPECT_STATUS(CheckExposure({host, 1}, c.protection), kFailedPrecondition, "--listen", host,
                      c.missing);
      }
    }
    for (const char* host : {"localhost", "127.1.2.3", "::1"}) {
      EXPECT_OK(CheckExposure({host, 1}, c.protection)) << host;
    }
  }
}

TEST(AddressTest, HttpIsForLoopbackUnlessTheOperatorTakesTheRisk) {
  EXPECT_OK(CheckHttpExposure({"127.0.0.1", 1}, /*insecure=*/false));
  EXPECT_STATUS(CheckHttpExposure({"0.0.0.0", 1}, /*insecure=*/false), kFailedPrecondition, "--http",
                "0.0.0.0", "--insecure-http");
  EXPECT_OK(CheckHttpExposure({"0.0.0.0", 1}, /*insecure=*/true));
}

}  // namespace
}  // namespace probesweep::server
