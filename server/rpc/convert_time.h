#ifndef PROBESWEEP_SERVER_RPC_CONVERT_TIME_H_
#define PROBESWEEP_SERVER_RPC_CONVERT_TIME_H_

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include "absl/time/time.h"

namespace probesweep::server {

void ToProto(absl::Time time, google::protobuf::Timestamp& out);
void ToProto(absl::Duration duration, google::protobuf::Duration& out);
absl::Duration FromProto(const google::protobuf::Duration& duration);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_RPC_CONVERT_TIME_H_
