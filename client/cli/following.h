// Follows a sweep to its end.
#ifndef PROBESWEEP_CLIENT_CLI_FOLLOWING_H_
#define PROBESWEEP_CLIENT_CLI_FOLLOWING_H_

#include <string>

#include "absl/status/status.h"
#include "client/cli/session.h"

namespace probesweep::client {

// Waits until the sweep is terminal, with progress on `err` when wanted. Then names every failed task.
// Errors: ABORTED when a task failed or the sweep was cancelled; those of Client::Watch.
absl::Status FollowToEnd(const std::string& sweep_id, bool show_progress, Client& client, Session& session);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_FOLLOWING_H_
