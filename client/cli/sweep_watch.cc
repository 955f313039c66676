#include <memory>
#include <string>

#include "client/cli/commands.h"
#include "client/cli/following.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

absl::Status Watch(const std::string& name, Session& session) {
  PS_ASSIGN_OR_RETURN(Client* const client, session.client());
  PS_ASSIGN_OR_RETURN(const v1::Sweep sweep, client->ResolveSweep(name));
  return FollowToEnd(sweep.id(), /*show_progress=*/true, *client, session);
}

}  // namespace

void AddSweepWatch(CLI::App& group, Action& action) {
  auto sweep = std::make_shared<std::string>();
  CLI::App* command =
      group.add_subcommand("watch", "Show a sweep's progress until it ends; exit 1 when a task failed");
  command->add_option("SWEEP", *sweep, "The sweep's id, or its name (the newest of that name)")->required();
  command->callback(
      [sweep, &action] { action = [sweep](Session& session) { return Watch(*sweep, session); }; });
}

}  // namespace probesweep::client
