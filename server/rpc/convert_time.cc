#include "server/rpc/convert_time.h"

namespace probesweep::server {

void ToProto(absl::Time time, google::protobuf::Timestamp& out) {
  const timespec parts = absl::ToTimespec(time);
  out.set_seconds(parts.tv_sec);
  out.set_nanos(static_cast<int32_t>(parts.tv_nsec));
}

void ToProto(absl::Duration duration, google::protobuf::Duration& out) {
  absl::Duration rest;
  out.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &rest));
  out.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
}

absl::Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

}  // namespace probesweep::server
