#include "client/cli/artifact_selection.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status.h"

namespace probesweep::client {

void AddArtifactSelection(CLI::App& command, ArtifactSelection& selection) {
  command.add_option("SWEEP", selection.sweep, "The sweep's id, or its name (the newest of that name)")
      ->required();
  command.add_option("--kind", selection.kind, "Only this kind")
      ->check(CLI::IsMember({"steering_vectors", "probes", "representations"}));
  command.add_option("--checkpoint", selection.checkpoint, "Only this checkpoint");
  command.add_option("--dimension", selection.dimension, "Only this dimension");
}

absl::StatusOr<std::vector<v1::Artifact>> SelectArtifacts(const ArtifactSelection& selection,
                                                          Client& client) {
  PS_ASSIGN_OR_RETURN(const v1::Sweep sweep, client.ResolveSweep(selection.sweep));
  PS_ASSIGN_OR_RETURN(const std::vector<v1::Artifact> all, client.ListArtifacts(sweep.id()));
  const auto fits = [](const std::string& wanted, const std::string& is) {
    return wanted.empty() || wanted == is;
  };
  std::vector<v1::Artifact> selected;
  for (const v1::Artifact& artifact : all) {
    // Representations are one kind for each layer.
    const std::string kind = artifact.kind().substr(0, artifact.kind().find('.'));
    if (fits(selection.kind, kind) && fits(selection.checkpoint, artifact.checkpoint()) &&
        fits(selection.dimension, artifact.dimension())) {
      selected.push_back(artifact);
    }
  }
  if (!selected.empty()) return selected;
  if (all.empty()) {
    return absl::NotFoundError(
        absl::StrCat("sweep ", sweep.spec().name(),
                     " has no artifacts: no task of it is done, or its analysis keeps none"));
  }
  return absl::NotFoundError(absl::StrCat("none of the ", all.size(), " artifacts of sweep ",
                                          sweep.spec().name(), " fits; `probesweep artifacts list ",
                                          sweep.id(), "` shows them"));
}

}  // namespace probesweep::client
