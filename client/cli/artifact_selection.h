// Which of a sweep's artifacts a command means.
#ifndef PROBESWEEP_CLIENT_CLI_ARTIFACT_SELECTION_H_
#define PROBESWEEP_CLIENT_CLI_ARTIFACT_SELECTION_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/client.h"

namespace probesweep::client {

// "" selects everything.
struct ArtifactSelection {
  std::string sweep;
  std::string kind;
  std::string checkpoint;
  std::string dimension;
};

void AddArtifactSelection(CLI::App& command, ArtifactSelection& selection);

// Errors: NOT_FOUND: no such sweep, or nothing in it that fits, saying what there is.
absl::StatusOr<std::vector<v1::Artifact>> SelectArtifacts(const ArtifactSelection& selection, Client& client);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_ARTIFACT_SELECTION_H_
