#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/dry_run.h"
#include "client/cli/following.h"
#include "client/cli/kept_size.h"
#include "client/cli/output.h"
#include "client/cli/sweep_file.h"
#include "client/render/progress.h"
#include "common/ids.h"
#include "common/printable.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

struct SubmitFlags {
  std::string file;
  bool watch = false;
  bool wait = false;
  bool dry_run = false;
};

// Each dataset once, however many dimensions read it.
absl::Status UploadDatasets(SweepFile& file, Client& client) {
  std::map<std::string, std::string> digests;  // by bytes
  for (size_t i = 0; i < file.datasets.size(); ++i) {
    std::string& digest = digests[file.datasets[i]];
    v1::Dimension& dimension = *file.spec.mutable_dimensions(static_cast<int>(i));
    if (digest.empty()) {
      absl::StatusOr<std::string> uploaded = client.PutBlob(file.datasets[i]);
      if (!uploaded.ok()) {
        return Annotate(uploaded.status(), absl::StrCat("uploading the dataset of ", dimension.name()));
      }
      digest = *std::move(uploaded);
    }
    dimension.set_dataset_digest(digest);
  }
  return absl::OkStatus();
}

absl::Status Submit(const SubmitFlags& flags, Session& session) {
  PS_ASSIGN_OR_RETURN(SweepFile file, ReadSweepFile(flags.file));
  for (const std::string& warning : file.warnings) session.err() << "warning: " << Printable(warning) << "\n";
  if (flags.dry_run) return ShowDryRun(file, session);
  PS_ASSIGN_OR_RETURN(Client* const client, session.client());
  PS_RETURN_IF_ERROR(UploadDatasets(file, *client));
  // One invocation means one sweep, however often the call is repeated below.
  const std::string request_id = RandomId("submit", 32, *RandomSource::System());
  absl::StatusOr<v1::Sweep> sweep = client->CreateSweep(file.spec, request_id);
  if (!sweep.ok()) return Annotate(sweep.status(), flags.file);
  PrintWarnings(*sweep, session);
  session.err() << "submitted " << sweep->spec().name() << ": " << sweep->checkpoints_size()
                << " checkpoints × " << sweep->spec().dimensions_size()
                << " dimensions = " << TotalTasks(sweep->tasks()) << " tasks, " << sweep->tasks().done()
                << " of them done already\n";
  if (file.spec.analysis().keep_representations()) {
    session.err() << "the representations that it keeps will take "
                  << Printable(KeptRepresentationsText(*sweep, file.datasets)) << "\n";
  }
  session.out() << sweep->id() << "\n" << std::flush;
  if (!flags.watch && !flags.wait) return absl::OkStatus();
  return FollowToEnd(sweep->id(), flags.watch, *client, session);
}

}  // namespace

void AddSweepSubmit(CLI::App& group, Action& action) {
  auto flags = std::make_shared<SubmitFlags>();
  CLI::App* command = group.add_subcommand("submit", "Submit a sweep file; prints the sweep's id");
  command->add_option("FILE", flags->file, "The sweep file (docs/formats.md)")->required();
  CLI::Option* watch =
      command->add_flag("--watch", flags->watch, "Show progress until it ends; exit 1 when a task failed");
  CLI::Option* wait =
      command->add_flag("--wait", flags->wait, "Wait in silence until it ends; exit 1 when a task failed");
  command
      ->add_flag("--dry-run", flags->dry_run,
                 "Submit nothing: show what it would read, compute, hold and take on this machine")
      ->excludes(watch)
      ->excludes(wait);
  command->callback(
      [flags, &action] { action = [flags](Session& session) { return Submit(*flags, session); }; });
}

}  // namespace probesweep::client
