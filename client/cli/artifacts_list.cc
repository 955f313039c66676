#include <memory>

#include "client/cli/artifact_selection.h"
#include "client/cli/commands.h"
#include "client/cli/output.h"
#include "client/render/table.h"
#include "common/number_format.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

struct ListFlags {
  ArtifactSelection selection;
  bool json = false;
};

absl::Status List(const ListFlags& flags, Session& session) {
  PS_ASSIGN_OR_RETURN(Client* const client, session.client());
  PS_ASSIGN_OR_RETURN(const std::vector<v1::Artifact> artifacts, SelectArtifacts(flags.selection, *client));
  if (flags.json) {
    session.out() << JsonList(artifacts);
    return absl::OkStatus();
  }
  Table table({{"CHECKPOINT"}, {"DIMENSION"}, {"KIND"}, {"SIZE", Align::kRight}, {"SHA-256"}});
  for (const v1::Artifact& artifact : artifacts) {
    table.AddRow({artifact.checkpoint(), artifact.dimension(), artifact.kind(),
                  ByteCount(artifact.size_bytes()), artifact.digest()});
  }
  session.out() << table.Text();
  return absl::OkStatus();
}

}  // namespace

void AddArtifactsList(CLI::App& group, Action& action) {
  auto flags = std::make_shared<ListFlags>();
  CLI::App* command = group.add_subcommand("list", "List a sweep's steering vectors and probes");
  AddArtifactSelection(*command, flags->selection);
  command->add_flag("--json", flags->json, "As a JSON array");
  command->callback(
      [flags, &action] { action = [flags](Session& session) { return List(*flags, session); }; });
}

}  // namespace probesweep::client
