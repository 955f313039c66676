// A coordinator and one worker as children of this process: `probesweep up`.
#ifndef PROBESWEEP_CLIENT_CLI_LOCAL_CLUSTER_H_
#define PROBESWEEP_CLIENT_CLI_LOCAL_CLUSTER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/cli/child_process.h"

namespace probesweep::client {

// Where a coordinator serves, as its ready file says.
struct ServingAddresses {
  std::string grpc;
  std::string http;
};

struct LocalClusterOptions {
  std::string coordinator_program;
  std::vector<std::string> coordinator_arguments;  // --ready-file is added
  std::string worker_program;
  std::vector<std::string> worker_arguments;            // --coordinator is added
  std::string ready_file;                               // the coordinator's, in a folder of ours
  absl::Duration startup_patience = absl::Seconds(60);  // for the coordinator, then for the worker
  absl::Duration worker_stop_patience =
      absl::Seconds(90);  // a little more than the worker's own drain timeout
  absl::Duration coordinator_stop_patience = absl::Seconds(30);
  // Whether a worker has registered with the coordinator at this address.
  std::function<bool(const std::string& grpc_address)> worker_is_there;
};

// Runs both until SIGINT or SIGTERM comes, then stops the worker first, so that it can give back what it
// holds. A second signal kills. `on_ready` is called once when both are ready; its error stops them. Errors:
// UNAVAILABLE when one ended by itself or did not get ready, and why. Call it from the main thread before
// others start: it blocks the signals that it waits for.
absl::Status RunLocalCluster(const LocalClusterOptions& options,
                             const std::function<absl::Status(const ServingAddresses&)>& on_ready);

// Reads {"grpc": "host:port", "http": "host:port"}. Errors: NOT_FOUND (not there yet), INVALID_ARGUMENT.
absl::StatusOr<ServingAddresses> ReadReadyFile(const std::string& path);
std::string ReadyFileText(const ServingAddresses& addresses);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_LOCAL_CLUSTER_H_
