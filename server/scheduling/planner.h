// Turns what a sweep's author wrote into the checkpoints to probe.
#ifndef PROBESWEEP_SERVER_SCHEDULING_PLANNER_H_
#define PROBESWEEP_SERVER_SCHEDULING_PLANNER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/domain/sweep.h"
#include "server/scheduling/folder_view.h"

namespace probesweep::server {

struct Plan {
  std::vector<Checkpoint> checkpoints;  // in training order when every position is known, else as written
  std::vector<std::string> warnings;
};

// Expands braces and globs, reads training positions, names checkpoints and takes their identities. A folder
// that is not to be seen is planned with a warning: the workers may see it. Reads folders, so it may take a
// while. Errors: INVALID_ARGUMENT (a pattern that is none, a position for more than one folder, no checkpoint
// left), NOT_FOUND (a glob matches nothing).
absl::StatusOr<Plan> PlanCheckpoints(const SweepSpec& spec, const FolderView& folders);

// Digest over the folder's path and its files' names, sizes and modification times: changes when the
// checkpoint may have changed.
std::string CheckpointIdentity(const std::string& path, const std::vector<FileFact>& files);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_SCHEDULING_PLANNER_H_
