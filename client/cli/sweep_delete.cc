#include <memory>
#include <string>

#include "client/cli/commands.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

absl::Status Delete(const std::string& name, Session& session) {
  PS_ASSIGN_OR_RETURN(Client* const client, session.client());
  PS_ASSIGN_OR_RETURN(const v1::Sweep sweep, client->ResolveSweep(name));
  PS_RETURN_IF_ERROR(client->DeleteSweep(sweep.id()));
  session.err() << "deleted " << sweep.spec().name() << ", its tasks and results\n";
  session.out() << sweep.id() << "\n";
  return absl::OkStatus();
}

}  // namespace

void AddSweepDelete(CLI::App& group, Action& action) {
  auto sweep = std::make_shared<std::string>();
  CLI::App* command =
      group.add_subcommand("delete", "Remove a sweep that has ended, with its tasks and results");
  command->add_option("SWEEP", *sweep, "The sweep's id, or its name (the newest of that name)")->required();
  command->callback(
      [sweep, &action] { action = [sweep](Session& session) { return Delete(*sweep, session); }; });
}

}  // namespace probesweep::client
