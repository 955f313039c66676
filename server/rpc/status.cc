#include "server/rpc/status.h"

#include <string>

namespace probesweep::server {
namespace {

// Percent-encoding triples what is not ASCII: 2 KiB stay below 8 KiB with room for other headers.
constexpr size_t kMaxMessageBytes = 2048;

// Cuts between characters: half a UTF-8 sequence is none.
std::string Shorten(absl::string_view message) {
  if (message.size() <= kMaxMessageBytes) return std::string(message);
  size_t end = kMaxMessageBytes;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0) == 0x80) --end;
  return std::string(message.substr(0, end)) + "…";
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  // Both enumerations have the same values: gRPC's were taken over by absl.
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), Shorten(status.message()));
}

}  // namespace probesweep::server
