#include <memory>

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/output.h"
#include "client/render/table.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

const char* WorkerStateName(v1::WorkerState state) {
  switch (state) {
    case v1::WORKER_STATE_IDLE:
      return "idle";
    case v1::WORKER_STATE_BUSY:
      return "busy";
    case v1::WORKER_STATE_DRAINING:
      return "draining";
    case v1::WORKER_STATE_LOST:
      return "lost";
    default:
      return "unknown";
  }
}

absl::Status List(bool json, Session& session) {
  PS_ASSIGN_OR_RETURN(Client* const client, session.client());
  PS_ASSIGN_OR_RETURN(const std::vector<v1::Worker> workers, client->ListWorkers());
  if (json) {
    session.out() << JsonList(workers);
    return absl::OkStatus();
  }
  Table table({{"WORKER"},
               {"DEVICE"},
               {"STATE"},
               {"CHECKPOINT"},
               {"LAYERS", Align::kRight},
               {"VERSION"},
               {"LAST SEEN (UTC)"}});
  for (const v1::Worker& worker : workers) {
    const std::string layers =
        worker.layers_total() > 0 ? absl::StrCat(worker.layers_done(), "/", worker.layers_total()) : "";
    table.AddRow({worker.id(), worker.device(), WorkerStateName(worker.state()), worker.checkpoint(), layers,
                  worker.version(), TimeText(worker.last_seen())});
  }
  session.out() << table.Text();
  return absl::OkStatus();
}

}  // namespace

void AddWorkerList(CLI::App& group, Action& action) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command = group.add_subcommand("list", "List workers and what they hold");
  command->add_flag("--json", *json, "As a JSON array");
  command->callback([json, &action] { action = [json](Session& session) { return List(*json, session); }; });
}

}  // namespace probesweep::client
