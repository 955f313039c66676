#include "client/cli/cross_question.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/printable.h"
#include "common/status.h"

namespace probesweep::client {

void AddCrossFlags(CLI::App& command, CrossFlags& flags) {
  command.add_option("SWEEP", flags.sweep, "The sweep's id, or its name (the newest of that name)")
      ->required();
  command.add_option("--dimension", flags.dimension, "Which dimension")->required();
  command.add_option("--protocol", flags.protocol,
                     "Which protocol (default: calibrated where the sweep has it, else its first)");
  AddOutputFlags(command, flags.output);
}

void AddLayerFlags(CLI::App& command, CrossFlags& flags) {
  CLI::Option* layer = command.add_option(
      "--layer", flags.layer, "Which layer, from 0 (default: the most accurate of the last checkpoint)");
  command.add_flag("--all-layers", flags.all_layers, "Every layer")->excludes(layer);
}

absl::StatusOr<CrossQuestion> Ask(const CrossFlags& flags, Session& session) {
  GridSelection selection;
  selection.protocol = flags.protocol;
  selection.dimensions = {flags.dimension};
  CrossQuestion question;
  PS_ASSIGN_OR_RETURN(question.results, FetchResults(flags.sweep, selection, session));
  if (question.grid().layers() > 0) return question;
  return absl::FailedPreconditionError(
      absl::StrCat("sweep ", question.results.sweep.spec().name(), " has no results of ", flags.dimension,
                   " yet; `probesweep sweep get ", question.results.sweep.id(), "` says how far it is"));
}

absl::StatusOr<std::vector<int>> ChosenLayers(const CrossFlags& flags, const CrossQuestion& question) {
  const ResultGrid& grid = question.grid();
  std::vector<int> layers;
  if (flags.all_layers) {
    for (int layer = 0; layer < grid.layers(); ++layer) layers.push_back(layer);
    return layers;
  }
  if (flags.layer) {
    if (*flags.layer >= 0 && *flags.layer < grid.layers()) return std::vector<int>{*flags.layer};
    return absl::InvalidArgumentError(
        absl::StrCat("no layer ", *flags.layer, ": there are layers 0 to ", grid.layers() - 1));
  }
  const std::optional<Cell> best = BestCell(grid, LastCheckpoint(question));
  return std::vector<int>{best ? best->layer : grid.layers() - 1};
}

int LastCheckpoint(const CrossQuestion& question) {
  for (int i = question.checkpoints() - 1; i > 0; --i) {
    if (BestCell(question.grid(), i)) return i;
  }
  return 0;
}

std::vector<std::string> QuestionColumns() { return {"sweep", "model", "dimension", "dataset", "protocol"}; }

std::vector<RecordCell> QuestionCells(const CrossQuestion& question) {
  const v1::SweepSpec& spec = question.results.sweep.spec();
  return {RecordCell::Text(spec.name()), RecordCell::Text(spec.model()),
          RecordCell::Text(question.grid().dimension), RecordCell::Text(question.grid().dataset),
          RecordCell::Text(question.grid().protocol)};
}

std::string QuestionHeading(const CrossQuestion& question) {
  const v1::SweepSpec& spec = question.results.sweep.spec();
  return absl::StrCat(Printable(spec.model()), ", sweep ", spec.name(), "\n", question.grid().dimension, " (",
                      Printable(question.grid().dataset), "), protocol ", question.grid().protocol);
}

}  // namespace probesweep::client
