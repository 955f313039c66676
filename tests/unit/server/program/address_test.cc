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

TEST(AddressTest, OnlyLoopbackIsSafeWithoutTls) {
  for (const char* host : {"localhost", "127.0.0.1", "127.1.2.3", "::1"}) {
    EXPECT_OK(CheckExposure({host, 1}, /*insecure=*/false, "--http")) << host;
  }
  for (const char* host : {"0.0.0.0", "::", "192.168.0.1", "128.0.0.1", "node.lan", "127.0.0.1.evil.org"}) {
    EXPECT_STATUS(CheckExposure({host, 1}, /*insecure=*/false, "--http"), kFailedPrecondition, "--http", host,
                  "--insecure");
    EXPECT_OK(CheckExposure({host, 1}, /*insecure=*/true, "--http")) << host;
  }
}

}  // namespace
}  // namespace probesweep::server
