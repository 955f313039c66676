#include "client/cli/command_line.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/commands.h"
#include "common/edit_distance.h"
#include "common/version.h"

namespace probesweep::client {
namespace {

CLI::App& AddGroup(CLI::App& app, const std::string& name, const std::string& description) {
  CLI::App* group = app.add_subcommand(name, description);
  group->require_subcommand(1);
  return *group;
}

void AddCommands(CLI::App& app, Action& action) {
  CLI::App& sweep = AddGroup(app, "sweep", "Submit sweeps and follow them");
  AddSweepSubmit(sweep, action);
  AddSweepList(sweep, action);
  AddSweepGet(sweep, action);
  AddSweepWatch(sweep, action);
  AddSweepCancel(sweep, action);
  AddSweepRetry(sweep, action);
  AddSweepDelete(sweep, action);
  CLI::App& results = AddGroup(app, "results", "Read what sweeps found");
  AddResultsShow(results, action);
  AddResultsExport(results, action);
  AddResultsPlot(results, action);
  AddResultsCompare(results, action);
  AddResultsVerify(results, action);
  AddResultsTransfer(results, action);
  AddResultsCosines(results, action);
  AddResultsSeparability(results, action);
  CLI::App& artifacts = AddGroup(app, "artifacts", "Steering vectors and probes");
  AddArtifactsList(artifacts, action);
  AddArtifactsFetch(artifacts, action);
  CLI::App& dimension = AddGroup(app, "dimension", "Datasets and what they mean");
  AddDimensionImport(dimension, action);
  AddDimensionValidate(dimension, action);
  CLI::App& worker = AddGroup(app, "worker", "See and drain workers");
  AddWorkerList(worker, action);
  AddWorkerDrain(worker, action);
  AddUp(app, action);
}

// The innermost group or command that the command line named.
const CLI::App* Innermost(const CLI::App* app) {
  while (!app->get_subcommands().empty()) app = app->get_subcommands().back();
  return app;
}

// "; did you mean '…'?" for the first word that the parser did not know, or "".
std::string Suggestion(const CLI::App& app) {
  const CLI::App* innermost = Innermost(&app);
  std::vector<std::string> known;
  for (const CLI::App* command : innermost->get_subcommands([](const CLI::App*) { return true; })) {
    known.push_back(command->get_name());
  }
  for (const CLI::App* level = innermost; level != nullptr; level = level->get_parent()) {
    for (const CLI::Option* option : level->get_options()) {
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    }
  }
  for (const CLI::App* level = innermost; level != nullptr; level = level->get_parent()) {
    for (const std::string& word : level->remaining()) {
      const std::string name = std::vector<std::string>(absl::StrSplit(word, '='))[0];
      const std::string nearest = NearestName(name, known);
      if (!nearest.empty() && nearest != name) return absl::StrCat("; did you mean '", nearest, "'?");
    }
  }
  return "";
}

// The names that lead to a command: "probesweep sweep" for submit, "" for the program itself.
std::string GroupPath(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* level = command.get_parent(); level != nullptr; level = level->get_parent()) {
    names.insert(names.begin(), level->get_name());
  }
  return absl::StrJoin(names, " ");
}

ExitCode ReportUsage(const CLI::App& app, const CLI::ParseError& error, World& world) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    // --help and --version are answers.
    if (error.get_name() == "CallForHelp") {
      world.out << Innermost(&app)->help(GroupPath(*Innermost(&app)));
    } else {
      world.out << error.what() << "\n";
    }
    return kExitDone;
  }
  const CLI::App& innermost = *Innermost(&app);
  const std::string path =
      absl::StrCat(GroupPath(innermost), innermost.get_parent() == nullptr ? "" : " ", innermost.get_name());
  world.err << "probesweep: " << error.what() << Suggestion(app) << "\nSee `" << path << " --help`.\n";
  return kExitUsage;
}

void ReportError(const absl::Status& status, World& world) {
  for (absl::string_view line : absl::StrSplit(status.message(), '\n')) {
    world.err << "probesweep: " << std::string(line) << "\n";
  }
}

}  // namespace

ExitCode RunCommandLine(const std::vector<std::string>& arguments, World& world) {
  CLI::App app("Traces how trustworthiness forms while a language model is pre-trained.", "probesweep");
  app.set_version_flag("--version", absl::StrCat("probesweep ", Version()));
  app.require_subcommand(1);
  app.fallthrough();
  GlobalFlags flags;
  app.add_option("--coordinator", flags.coordinator,
                 "Where the coordinator listens: host:port, several separated by commas "
                 "(PROBESWEEP_COORDINATOR; default 127.0.0.1:7077)");
  app.add_option("--tls-ca", flags.tls.ca,
                 "TLS: the CA that signed the coordinator's certificate, a PEM file (PROBESWEEP_TLS_CA)");
  app.add_option("--tls-cert", flags.tls.cert,
                 "Your certificate, where the coordinator asks for one (PROBESWEEP_TLS_CERT)");
  app.add_option("--tls-key", flags.tls.key, "Its private key (PROBESWEEP_TLS_KEY)");
  app.add_option("--token-file", flags.token_file,
                 "File with your token (PROBESWEEP_TOKEN_FILE; PROBESWEEP_TOKEN holds the token itself)");
  Action action;
  AddCommands(app, action);
  try {
    // CLI11 reads from the back.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return ReportUsage(app, error, world);
  }
  Session session(world, flags);
  const absl::Status status = action(session);
  if (!status.ok()) ReportError(status, world);
  world.out.flush();
  if (status.ok() && !world.out) {
    ReportError(absl::UnknownError("cannot write to standard output; is the disk full?"), world);
    return kExitFailedWork;
  }
  return ExitCodeFor(status);
}

}  // namespace probesweep::client
