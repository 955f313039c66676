#include <memory>
#include <string>

#include "client/cli/commands.h"
#include "client/cli/output.h"
#include "client/render/progress.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

absl::Status Cancel(const std::string& name, Session& session) {
  PS_ASSIGN_OR_RETURN(Client* const client, session.client());
  PS_ASSIGN_OR_RETURN(const v1::Sweep sweep, client->ResolveSweep(name));
  PS_ASSIGN_OR_RETURN(const v1::Sweep after, client->CancelSweep(sweep.id()));
  session.err() << after.spec().name() << " is " << SweepStateName(after.state()) << ", "
                << DoneText(after.tasks()) << " tasks done\n";
  session.out() << after.id() << "\n";
  return absl::OkStatus();
}

}  // namespace

void AddSweepCancel(CLI::App& group, Action& action) {
  auto sweep = std::make_shared<std::string>();
  CLI::App* command = group.add_subcommand("cancel", "Cancel every task that has not ended");
  command->add_option("SWEEP", *sweep, "The sweep's id, or its name (the newest of that name)")->required();
  command->callback(
      [sweep, &action] { action = [sweep](Session& session) { return Cancel(*sweep, session); }; });
}

}  // namespace probesweep::client
