// The one place that turns a gRPC status into what the user of a client reads.
#ifndef PROBESWEEP_CLIENT_RPC_STATUS_H_
#define PROBESWEEP_CLIENT_RPC_STATUS_H_

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace probesweep::client {

// The coordinator's own errors keep code and message. What the transport says is put into words: where the
// coordinator was looked for, why it was not reached, and how to mend it.
absl::Status FromRpc(const grpc::Status& status, absl::string_view address, absl::Duration timeout);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_RPC_STATUS_H_
