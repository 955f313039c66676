#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/analysis/separability.h"
#include "client/cli/commands.h"
#include "client/cli/fetched_results.h"
#include "client/cli/records.h"
#include "client/render/table.h"
#include "common/printable.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

struct SeparabilityFlags {
  std::string sweep;
  GridSelection selection;
  std::optional<int> layer;
  OutputFlags output;
};

// One dimension's answer.
struct Answer {
  const ResultGrid* grid = nullptr;
  std::vector<std::optional<CheckpointStanding>> checkpoints;
  Onset onset;
  // What stands beside the answer: the first separable checkpoint, else the last with results.
  std::optional<int> shown;
};

std::optional<Interval> IntervalOf(const v1::ResultRow& row, const std::string& column) {
  const std::optional<double> low = ValueOf(row, column + "_low");
  const std::optional<double> high = ValueOf(row, column + "_high");
  if (!low || !high) return std::nullopt;
  return Interval{*low, *high};
}

// None when the row lacks what the rule needs.
std::optional<LayerScores> ScoresOf(const v1::ResultRow* row) {
  if (row == nullptr) return std::nullopt;
  const std::optional<double> accuracy = ValueOf(*row, "accuracy");
  const std::optional<double> surface = ValueOf(*row, "surface_accuracy");
  const std::optional<double> majority = ValueOf(*row, "majority_accuracy");
  const std::optional<double> rows = ValueOf(*row, "n_test");
  if (!accuracy || !surface || !majority || !rows || !(*rows > 0)) return std::nullopt;
  return LayerScores{row->layer(),
                     *rows,
                     *accuracy,
                     *surface,
                     *majority,
                     IntervalOf(*row, "accuracy"),
                     IntervalOf(*row, "above_surface")};
}

Answer AnswerFor(const ResultGrid& grid, std::optional<int> layer) {
  Answer answer;
  answer.grid = &grid;
  for (int checkpoint = 0; checkpoint < grid.checkpoints(); ++checkpoint) {
    std::vector<LayerScores> layers;
    for (int i = 0; i < grid.layers(); ++i) {
      if (layer && *layer != i) continue;
      const auto scores = ScoresOf(grid.rows[static_cast<size_t>(i)][static_cast<size_t>(checkpoint)]);
      if (scores) layers.push_back(*scores);
    }
    answer.checkpoints.emplace_back();
    if (layers.empty()) continue;
    answer.checkpoints.back() = Judge(layers);
    answer.shown = checkpoint;
  }
  answer.onset = FindOnset(answer.checkpoints);
  if (answer.onset.first) answer.shown = answer.onset.first;
  return answer;
}

// One letter for each checkpoint.
std::string Track(const Answer& answer) {
  std::string track;
  for (const std::optional<CheckpointStanding>& checkpoint : answer.checkpoints) {
    track += !checkpoint                                    ? '.'
             : checkpoint->standing == Standing::kExcluded  ? '-'
             : checkpoint->standing == Standing::kSeparable ? '+'
                                                            : '?';
  }
  return track;
}

const CheckpointStanding* Shown(const Answer& answer) {
  return answer.shown ? &*answer.checkpoints[static_cast<size_t>(*answer.shown)] : nullptr;
}

std::string TableOf(const v1::Sweep& sweep, const std::vector<Answer>& answers) {
  Table table({{"DIMENSION"},
               {"NOT BEFORE"},
               {"SHOWN FROM"},
               {"AT"},
               {"LAYER", Align::kRight},
               {"ABOVE BASELINES", Align::kRight},
               {"95 % INTERVAL"},
               {"CHECKPOINTS"}});
  for (const Answer& answer : answers) {
    const auto name = [&answer](std::optional<int> checkpoint, const char* none) {
      return checkpoint ? answer.grid->axis.names[static_cast<size_t>(*checkpoint)] : std::string(none);
    };
    const CheckpointStanding* shown = Shown(answer);
    if (shown == nullptr) {
      table.AddRow({answer.grid->dimension, "no results yet"});
      continue;
    }
    table.AddRow({answer.grid->dimension, name(answer.onset.earliest, "excluded"),
                  name(answer.onset.first, "not shown"), name(answer.shown, ""),
                  absl::StrCat(shown->best.layer), absl::StrFormat("%+.3f", shown->best.value),
                  absl::StrFormat("%+.3f to %+.3f", shown->best.interval.low, shown->best.interval.high),
                  Track(answer)});
  }
  return absl::StrCat(Printable(sweep.spec().model()), ", sweep ", sweep.spec().name(), ", protocol ",
                      answers.empty() ? "" : answers[0].grid->protocol, "\n", table.Text(),
                      "checkpoints in training order: - not separable, ? undecided, + separable, . no "
                      "results\n");
}

Records RecordsOf(const v1::Sweep& sweep, const std::vector<Answer>& answers) {
  Records records{
      {"sweep", "model", "dimension", "dataset", "protocol", "earliest_checkpoint", "earliest_step",
       "earliest_tokens", "first_checkpoint", "first_step", "first_tokens", "at_checkpoint", "at_step",
       "at_tokens", "layer", "margin", "margin_low", "margin_high", "checkpoints"},
      {}};
  for (const Answer& answer : answers) {
    std::vector<RecordCell> row = {
        RecordCell::Text(sweep.spec().name()), RecordCell::Text(sweep.spec().model()),
        RecordCell::Text(answer.grid->dimension), RecordCell::Text(answer.grid->dataset),
        RecordCell::Text(answer.grid->protocol)};
    for (const std::optional<int>& place : {answer.onset.earliest, answer.onset.first, answer.shown}) {
      const std::vector<RecordCell> cells =
          place ? CheckpointCells(sweep.checkpoints(*place)) : std::vector<RecordCell>(3);
      row.insert(row.end(), cells.begin(), cells.end());
    }
    const CheckpointStanding* shown = Shown(answer);
    if (shown == nullptr) {
      row.resize(row.size() + 4);
    } else {
      const Margin& best = shown->best;
      row.insert(row.end(), {RecordCell::Integer(best.layer), RecordCell::Number(best.value),
                             RecordCell::Number(best.interval.low), RecordCell::Number(best.interval.high)});
    }
    row.push_back(RecordCell::Text(Track(answer)));
    records.rows.push_back(std::move(row));
  }
  return records;
}

// Tells what the intervals rest on, when the rows have none.
void NoteMissingIntervals(const std::vector<ResultGrid>& grids, Session& session) {
  for (const ResultGrid& grid : grids) {
    for (const auto& layer : grid.rows) {
      for (const v1::ResultRow* row : layer) {
        if (row == nullptr || IntervalOf(*row, "above_surface")) continue;
        session.err() << "note: results of protocol " << grid.protocol
                      << " have no intervals; these take test rows as independent of each other and of the "
                         "train rows. Protocol calibrated does better\n";
        return;
      }
    }
  }
}

absl::Status Separability(const SeparabilityFlags& flags, Session& session) {
  PS_ASSIGN_OR_RETURN(const FetchedResults results, FetchResults(flags.sweep, flags.selection, session));
  std::vector<Answer> answers;
  for (const ResultGrid& grid : results.grids) {
    if (flags.layer && grid.layers() > 0 && (*flags.layer < 0 || *flags.layer >= grid.layers())) {
      return absl::InvalidArgumentError(
          absl::StrCat("no layer ", *flags.layer, ": there are layers 0 to ", grid.layers() - 1));
    }
    answers.push_back(AnswerFor(grid, flags.layer));
  }
  NoteMissingIntervals(results.grids, session);
  return WriteOutput(flags.output, TableOf(results.sweep, answers), RecordsOf(results.sweep, answers),
                     session);
}

}  // namespace

void AddResultsSeparability(CLI::App& group, Action& action) {
  auto flags = std::make_shared<SeparabilityFlags>();
  CLI::App* command = group.add_subcommand(
      "separability", "From which checkpoint on each dimension's probe beats its baselines");
  command->add_option("SWEEP", flags->sweep, "The sweep's id, or its name (the newest of that name)")
      ->required();
  command->add_option("--dimension", flags->selection.dimensions, "Only these dimensions")->take_all();
  command->add_option("--protocol", flags->selection.protocol,
                      "Which protocol (default: calibrated where the sweep has it, else its first)");
  command->add_option("--layer", flags->layer, "One layer, chosen beforehand (default: any layer)");
  AddOutputFlags(*command, flags->output);
  command->callback(
      [flags, &action] { action = [flags](Session& session) { return Separability(*flags, session); }; });
}

}  // namespace probesweep::client
