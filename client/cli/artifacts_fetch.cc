#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/cli/artifact_selection.h"
#include "client/cli/commands.h"
#include "common/file.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

struct FetchFlags {
  ArtifactSelection selection;
  std::string output = ".";
};

// "step512.reliability.steering_vectors.safetensors"; names come from the coordinator, so none may leave the
// folder.
std::string FileName(const v1::Artifact& artifact) {
  return absl::StrReplaceAll(
      absl::StrCat(artifact.checkpoint(), ".", artifact.dimension(), ".", artifact.kind(), ".safetensors"),
      {{"/", "_"}});
}

absl::Status Fetch(const FetchFlags& flags, Session& session) {
  PS_ASSIGN_OR_RETURN(Client* const client, session.client());
  PS_ASSIGN_OR_RETURN(const std::vector<v1::Artifact> artifacts, SelectArtifacts(flags.selection, *client));
  PS_RETURN_IF_ERROR(MakeFolders(flags.output));
  for (const v1::Artifact& artifact : artifacts) {
    const std::string path = (std::filesystem::path(flags.output) / FileName(artifact)).string();
    PS_RETURN_IF_ERROR(
        Annotate(client->FetchArtifact(artifact.digest(), path), absl::StrCat("fetching ", path)));
    session.out() << path << "\n" << std::flush;
  }
  return absl::OkStatus();
}

}  // namespace

void AddArtifactsFetch(CLI::App& group, Action& action) {
  auto flags = std::make_shared<FetchFlags>();
  CLI::App* command = group.add_subcommand("fetch", "Fetch a sweep's artifacts; prints the files' paths");
  AddArtifactSelection(*command, flags->selection);
  command->add_option("--output", flags->output, "The folder to write to; made when it is not there")
      ->capture_default_str();
  command->callback(
      [flags, &action] { action = [flags](Session& session) { return Fetch(*flags, session); }; });
}

}  // namespace probesweep::client
