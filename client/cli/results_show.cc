#include <memory>

#include "client/cli/commands.h"
#include "client/cli/fetched_results.h"
#include "client/render/best_layers.h"
#include "client/render/heatmap.h"
#include "client/render/shared_weights.h"
#include "common/printable.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

struct ShowFlags {
  std::string sweep;
  GridSelection selection;
};

absl::Status Show(const ShowFlags& flags, Session& session) {
  PS_ASSIGN_OR_RETURN(const FetchedResults results, FetchResults(flags.sweep, flags.selection, session));
  const ColorScale scale = SharedScale(results.grids);
  std::ostream& out = session.out();
  out << Printable(results.sweep.spec().model()) << ", sweep " << results.sweep.spec().name() << "\n"
      << HeatmapLegend(flags.selection.metric, scale, session.out_terminal()) << "\n";
  for (const ResultGrid& grid : results.grids) {
    out << grid.dimension << " (" << Printable(grid.dataset);
    if (!grid.label_meaning.empty()) out << "; label 1: " << Printable(grid.label_meaning);
    out << "), protocol " << grid.protocol << "\n"
        << HeatmapText(grid, scale, session.out_terminal()) << "\n";
  }
  out << "best layers\n" << BestLayersText(results.grids);
  for (const std::string& note : WeightNotes(results.rows)) session.err() << "note: " << note << "\n";
  return absl::OkStatus();
}

}  // namespace

void AddResultsShow(CLI::App& group, Action& action) {
  auto flags = std::make_shared<ShowFlags>();
  CLI::App* command = group.add_subcommand("show", "Heatmaps layer × checkpoint, and the best layers");
  command->add_option("SWEEP", flags->sweep, "The sweep's id, or its name (the newest of that name)")
      ->required();
  command->add_option("--dimension", flags->selection.dimensions, "Only these dimensions")->take_all();
  command->add_option("--metric", flags->selection.metric, "Which result column")->capture_default_str();
  command->add_option("--protocol", flags->selection.protocol,
                      "Which protocol (default: calibrated, or the sweep's first)");
  command->callback(
      [flags, &action] { action = [flags](Session& session) { return Show(*flags, session); }; });
}

}  // namespace probesweep::client
