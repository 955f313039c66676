#include "client/rpc_status.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace probesweep::client {
namespace {

absl::Status Read(grpc::StatusCode code, const std::string& message) {
  return FromRpc(grpc::Status(code, message), "box:7077", absl::Seconds(15));
}

TEST(RpcStatusTest, SaysWhereTheCoordinatorWasLookedForAndHowToMendIt) {
  EXPECT_STATUS(Read(grpc::StatusCode::UNAVAILABLE,
                     "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: Failed to "
                     "connect to remote host: Connection refused"),
                kUnavailable, "cannot reach the coordinator at box:7077", "Connection refused",
                "probesweep up", "--coordinator");
}

TEST(RpcStatusTest, TellsAFailedHandshakeFromACoordinatorThatIsNotThere) {
  for (const char* reason :
       {"UNAVAILABLE: ipv4:10.0.0.7:7077: Socket closed",
        "UNKNOWN: ipv4:10.0.0.7:7077: Tls handshake failed: SSL_ERROR_SSL: error:0A000086:SSL "
        "routines::certificate verify failed",
        "UNKNOWN: ipv4:10.0.0.7:7077: Custom verification check failed with error: UNAUTHENTICATED: Hostname "
        "Verification Check failed."}) {
    EXPECT_STATUS(Read(grpc::StatusCode::UNAVAILABLE,
                       absl::StrCat("failed to connect to all addresses; last error: ", reason)),
                  kUnavailable, "box:7077", "--tls-ca", "--tls-cert");
  }
}

TEST(RpcStatusTest, TellsABrokenConnectionFromACoordinatorThatCannotServe) {
  EXPECT_STATUS(Read(grpc::StatusCode::UNAVAILABLE, "Socket closed"), kUnavailable, "lost the connection");
  EXPECT_STATUS(Read(grpc::StatusCode::UNAVAILABLE, "the store is starting"), kUnavailable,
                "cannot serve now", "the store is starting");
}

TEST(RpcStatusTest, TakesACallThatTheOtherSideBrokeOffForAStoppingCoordinator) {
  EXPECT_STATUS(Read(grpc::StatusCode::CANCELLED, ""), kUnavailable, "broke the call off");
}

TEST(RpcStatusTest, KeepsTheCoordinatorsOwnWords) {
  const absl::Status status = Read(grpc::StatusCode::NOT_FOUND, "no sweep 'x'");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "no sweep 'x'");
}

TEST(RpcStatusTest, NamesTheTimeThatRanOutAndTheStrangerThatAnswered) {
  EXPECT_STATUS(Read(grpc::StatusCode::DEADLINE_EXCEEDED, "Deadline Exceeded"), kDeadlineExceeded, "box:7077",
                "15s");
  EXPECT_STATUS(Read(grpc::StatusCode::UNIMPLEMENTED, ""), kUnimplemented, "box:7077", "no coordinator");
}

}  // namespace
}  // namespace probesweep::client
