#ifndef PROBESWEEP_CLIENT_CLI_CHECKPOINT_FOLDERS_H_
#define PROBESWEEP_CLIENT_CLI_CHECKPOINT_FOLDERS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "probesweep/v1/resources.pb.h"

namespace probesweep::client {

struct CheckpointFolders {
  std::vector<std::string> here;      // in the order of the file, each once
  std::vector<std::string> not_here;  // folders, and globs that match none
};

// What a sweep's patterns name on this machine; the coordinator expands them on its own. Errors:
// INVALID_ARGUMENT (braces).
absl::StatusOr<CheckpointFolders> FindCheckpointFolders(const v1::SweepSpec& spec);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_CHECKPOINT_FOLDERS_H_
