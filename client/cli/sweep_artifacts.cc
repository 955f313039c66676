#include "client/cli/sweep_artifacts.h"

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/status.h"

namespace probesweep::client {

SweepArtifacts::TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;  // what is left is in the system's temporary folder
  std::filesystem::remove_all(path, ignored);
}

absl::StatusOr<SweepArtifacts> SweepArtifacts::Open(const v1::Sweep& sweep, const std::string& dimension,
                                                    Client* client) {
  SweepArtifacts artifacts;
  artifacts.sweep_ = sweep.spec().name();
  artifacts.dimension_ = dimension;
  artifacts.client_ = client;
  PS_ASSIGN_OR_RETURN(const std::vector<v1::Artifact> all, client->ListArtifacts(sweep.id()));
  for (const v1::Artifact& artifact : all) {
    if (artifact.dimension() != dimension) continue;
    artifacts.artifacts_[{artifact.kind(), artifact.checkpoint()}] = artifact;
  }
  std::error_code error;
  std::string path = (std::filesystem::temp_directory_path(error) / "probesweep-XXXXXX").string();
  if (error || ::mkdtemp(path.data()) == nullptr) {
    return Annotate(ErrnoStatus(error ? error.value() : errno, "make", path),
                    "a folder for artifacts; TMPDIR says where it is made");
  }
  artifacts.folder_ = std::make_unique<TemporaryFolder>();
  artifacts.folder_->path = path;
  return artifacts;
}

absl::Status SweepArtifacts::Require(const std::string& kind, const std::string& field) const {
  const auto first = artifacts_.lower_bound({kind, ""});
  if (first != artifacts_.end() && first->first.first == kind) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("sweep ", sweep_, " has no artifacts `", kind, "` of ", dimension_,
                   ": they were not kept; submit it again with analysis.", field, ": true"));
}

// A digest is a file name; a checkpoint's name may hold anything.
std::string SweepArtifacts::PathOf(const v1::Artifact& artifact) const {
  return (std::filesystem::path(folder_->path) / std::filesystem::path(artifact.digest()).filename())
      .string();
}

absl::StatusOr<std::optional<ArtifactFile>> SweepArtifacts::Fetch(const std::string& kind,
                                                                  const std::string& checkpoint) {
  const auto found = artifacts_.find({kind, checkpoint});
  if (found == artifacts_.end()) return std::optional<ArtifactFile>();
  const std::string path = PathOf(found->second);
  const std::string doing = absl::StrCat("artifact ", kind, " of ", checkpoint);
  if (!std::filesystem::exists(path)) {
    PS_RETURN_IF_ERROR(Annotate(client_->FetchArtifact(found->second.digest(), path), doing));
  }
  absl::StatusOr<ArtifactFile> file = ArtifactFile::Open(path);
  if (!file.ok()) return Annotate(file.status(), doing);
  return std::optional<ArtifactFile>(*std::move(file));
}

void SweepArtifacts::Drop(const std::string& kind, const std::string& checkpoint) {
  const auto found = artifacts_.find({kind, checkpoint});
  if (found == artifacts_.end()) return;
  std::error_code ignored;
  std::filesystem::remove(PathOf(found->second), ignored);
}

}  // namespace probesweep::client
