#include <memory>

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/output.h"
#include "client/render/progress.h"
#include "client/render/table.h"
#include "client/render/text.h"
#include "common/printable.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

struct GetFlags {
  std::string sweep;
  bool tasks = false;
  bool json = false;
};

std::string CountsText(const v1::TaskCounts& counts) {
  return absl::StrCat(counts.done(), " done (", counts.reused(), " reused), ", counts.leased(), " running, ",
                      counts.ready(), " ready, ", counts.retry_wait(), " to be retried, ",
                      counts.quarantined(), " failed, ", counts.cancelled(), " cancelled");
}

void PrintSweep(const v1::Sweep& sweep, std::ostream& out) {
  const auto line = [&out](const char* name, const std::string& value) {
    out << PadRight(name, 13) << Printable(value) << "\n";
  };
  line("id", sweep.id());
  line("name", sweep.spec().name());
  line("model", sweep.spec().model());
  line("state", SweepStateName(sweep.state()));
  line("created", TimeText(sweep.create_time()));
  line("ended", TimeText(sweep.end_time()));
  line("tasks", CountsText(sweep.tasks()));
  if (sweep.checkpoints_size() > 0) {
    line("checkpoints", absl::StrCat(sweep.checkpoints_size(), ", from ", sweep.checkpoints(0).name(), " to ",
                                     sweep.checkpoints(sweep.checkpoints_size() - 1).name()));
  }
  for (const v1::Dimension& dimension : sweep.spec().dimensions()) {
    line("dimension",
         absl::StrCat(dimension.name(), " (", dimension.dataset(), "; label 1: ",
                      dimension.label_meaning().empty() ? "not said" : dimension.label_meaning(), ")"));
  }
  for (const std::string& warning : sweep.warnings()) line("warning", warning);
}

std::string TasksText(const std::vector<v1::Task>& tasks) {
  Table table({{"CHECKPOINT"}, {"DIMENSION"}, {"STATE"}, {"WORKER"}, {"ERROR"}});
  for (const v1::Task& task : tasks) {
    table.AddRow({task.checkpoint(), task.dimension(),
                  absl::StrCat(TaskStateName(task.state()), task.reused() ? " (reused)" : ""),
                  task.worker_id(), task.error()});
  }
  return table.Text();
}

absl::Status Get(const GetFlags& flags, Session& session) {
  PS_ASSIGN_OR_RETURN(Client* const client, session.client());
  PS_ASSIGN_OR_RETURN(const v1::Sweep sweep, client->ResolveSweep(flags.sweep));
  if (!flags.tasks && flags.json) {
    session.out() << JsonText(sweep);
    return absl::OkStatus();
  }
  if (!flags.tasks) {
    PrintSweep(sweep, session.out());
    return PrintFailedTasks(sweep, *client, session);
  }
  PS_ASSIGN_OR_RETURN(const std::vector<v1::Task> tasks, client->ListTasks(sweep.id()));
  session.out() << (flags.json ? JsonList(tasks) : TasksText(tasks));
  return absl::OkStatus();
}

}  // namespace

void AddSweepGet(CLI::App& group, Action& action) {
  auto flags = std::make_shared<GetFlags>();
  CLI::App* command = group.add_subcommand("get", "Show one sweep and its failed tasks");
  command->add_option("SWEEP", flags->sweep, "The sweep's id, or its name (the newest of that name)")
      ->required();
  command->add_flag("--tasks", flags->tasks, "Its tasks instead, one a line");
  command->add_flag("--json", flags->json, "As JSON");
  command->callback(
      [flags, &action] { action = [flags](Session& session) { return Get(*flags, session); }; });
}

}  // namespace probesweep::client
