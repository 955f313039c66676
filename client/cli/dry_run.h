#ifndef PROBESWEEP_CLIENT_CLI_DRY_RUN_H_
#define PROBESWEEP_CLIENT_CLI_DRY_RUN_H_

#include "absl/status/status.h"
#include "client/cli/session.h"
#include "client/cli/sweep_file.h"

namespace probesweep::client {

// Prints what the sweep would read, compute, hold and take, checkpoint by checkpoint, as probesweep-worker
// plans it for this machine. Nothing is sent to a coordinator, and none is needed: checkpoints are those that
// are reachable from here. Errors: NOT_FOUND (no probesweep-worker), INVALID_ARGUMENT (a checkpoint that
// cannot be probed, once all are shown).
absl::Status ShowDryRun(const SweepFile& file, Session& session);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_DRY_RUN_H_
