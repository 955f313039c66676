#include <memory>

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/output.h"
#include "client/render/progress.h"
#include "client/render/table.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

struct ListFlags {
  size_t limit = 50;
  bool json = false;
};

absl::Status List(const ListFlags& flags, Session& session) {
  PS_ASSIGN_OR_RETURN(Client* const client, session.client());
  PS_ASSIGN_OR_RETURN(const std::vector<v1::Sweep> sweeps, client->ListSweeps(flags.limit));
  if (flags.json) {
    session.out() << JsonList(sweeps);
    return absl::OkStatus();
  }
  Table table({{"ID"},
               {"NAME"},
               {"MODEL"},
               {"STATE"},
               {"DONE", Align::kRight},
               {"FAILED", Align::kRight},
               {"CREATED (UTC)"}});
  for (const v1::Sweep& sweep : sweeps) {
    table.AddRow({sweep.id(), sweep.spec().name(), sweep.spec().model(), SweepStateName(sweep.state()),
                  DoneText(sweep.tasks()), absl::StrCat(sweep.tasks().quarantined()),
                  TimeText(sweep.create_time())});
  }
  session.out() << table.Text();
  return absl::OkStatus();
}

}  // namespace

void AddSweepList(CLI::App& group, Action& action) {
  auto flags = std::make_shared<ListFlags>();
  CLI::App* command = group.add_subcommand("list", "List sweeps, newest first");
  command->add_option("--limit", flags->limit, "How many at most")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_flag("--json", flags->json, "A JSON array of everything the coordinator says");
  command->callback(
      [flags, &action] { action = [flags](Session& session) { return List(*flags, session); }; });
}

}  // namespace probesweep::client
