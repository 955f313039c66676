// The artifacts of one dimension of a sweep, fetched as they are needed.
#ifndef PROBESWEEP_CLIENT_CLI_SWEEP_ARTIFACTS_H_
#define PROBESWEEP_CLIENT_CLI_SWEEP_ARTIFACTS_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/analysis/artifact_file.h"
#include "client/client.h"

namespace probesweep::client {

// Files lie in a temporary folder that goes with the object. Not thread-safe. The client must outlive it.
class SweepArtifacts {
 public:
  static absl::StatusOr<SweepArtifacts> Open(const v1::Sweep& sweep, const std::string& dimension,
                                             Client* client);

  // Errors: FAILED_PRECONDITION when no checkpoint has an artifact of this kind, saying which field of the
  // analysis keeps them.
  absl::Status Require(const std::string& kind, const std::string& field) const;

  // Fetches and checks the artifact, unless that was done already. None when the checkpoint has none.
  absl::StatusOr<std::optional<ArtifactFile>> Fetch(const std::string& kind, const std::string& checkpoint);
  // Removes what was fetched.
  void Drop(const std::string& kind, const std::string& checkpoint);

 private:
  struct TemporaryFolder {
    ~TemporaryFolder();
    std::string path;
  };
  SweepArtifacts() = default;
  std::string PathOf(const v1::Artifact& artifact) const;

  std::string sweep_, dimension_;
  Client* client_ = nullptr;
  std::map<std::pair<std::string, std::string>, v1::Artifact> artifacts_;  // by kind and checkpoint
  std::unique_ptr<TemporaryFolder> folder_;
};

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_SWEEP_ARTIFACTS_H_
