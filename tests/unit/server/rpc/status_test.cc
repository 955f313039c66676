#include "server/rpc/status.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"

namespace probesweep::server {
namespace {

TEST(StatusTest, EveryCodeKeepsItsNameAndMessage) {
  const struct {
    absl::StatusCode ours;
    grpc::StatusCode theirs;
  } cases[] = {
      {absl::StatusCode::kCancelled, grpc::StatusCode::CANCELLED},
      {absl::StatusCode::kUnknown, grpc::StatusCode::UNKNOWN},
      {absl::StatusCode::kInvalidArgument, grpc::StatusCode::INVALID_ARGUMENT},
      {absl::StatusCode::kDeadlineExceeded, grpc::StatusCode::DEADLINE_EXCEEDED},
      {absl::StatusCode::kNotFound, grpc::StatusCode::NOT_FOUND},
      {absl::StatusCode::kAlreadyExists, grpc::StatusCode::ALREADY_EXISTS},
      {absl::StatusCode::kPermissionDenied, grpc::StatusCode::PERMISSION_DENIED},
      {absl::StatusCode::kUnauthenticated, grpc::StatusCode::UNAUTHENTICATED},
      {absl::StatusCode::kResourceExhausted, grpc::StatusCode::RESOURCE_EXHAUSTED},
      {absl::StatusCode::kFailedPrecondition, grpc::StatusCode::FAILED_PRECONDITION},
      {absl::StatusCode::kAborted, grpc::StatusCode::ABORTED},
      {absl::StatusCode::kOutOfRange, grpc::StatusCode::OUT_OF_RANGE},
      {absl::StatusCode::kUnimplemented, grpc::StatusCode::UNIMPLEMENTED},
      {absl::StatusCode::kInternal, grpc::StatusCode::INTERNAL},
      {absl::StatusCode::kUnavailable, grpc::StatusCode::UNAVAILABLE},
      {absl::StatusCode::kDataLoss, grpc::StatusCode::DATA_LOSS},
  };
  for (const auto& c : cases) {
    const grpc::Status status = ToGrpcStatus(absl::Status(c.ours, "why"));
    EXPECT_EQ(status.error_code(), c.theirs);
    EXPECT_EQ(status.error_message(), "why");
  }
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
}

TEST(StatusTest, ALongMessageIsCutBetweenCharacters) {
  std::string message = "a";
  while (message.size() < 5000) message += "é";  // two bytes: every even position is inside one
  const std::string sent = ToGrpcStatus(absl::InternalError(message)).error_message();
  EXPECT_EQ(sent, message.substr(0, 2047) + "…");
}

}  // namespace
}  // namespace probesweep::server
