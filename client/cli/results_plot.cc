#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/fetched_results.h"
#include "client/render/figure.h"
#include "common/file.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

struct PlotFlags {
  std::string sweep;
  std::string output;
  GridSelection selection;
};

absl::Status CheckName(const std::string& output) {
  if (output == "-" || absl::EndsWith(output, ".svg")) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--output ", output, ": the figure is SVG; name a file that ends in .svg, or - for standard output"));
}

absl::Status Plot(const PlotFlags& flags, Session& session) {
  PS_RETURN_IF_ERROR(CheckName(flags.output));
  PS_ASSIGN_OR_RETURN(const FetchedResults results, FetchResults(flags.sweep, flags.selection, session));
  const std::string svg = FigureSvg(results.grids, results.sweep.spec().model());
  if (flags.output == "-") {
    session.out() << svg;
    return absl::OkStatus();
  }
  PS_RETURN_IF_ERROR(WriteFileAtomically(flags.output, svg));
  session.err() << "wrote " << flags.output << "\n";
  return absl::OkStatus();
}

}  // namespace

void AddResultsPlot(CLI::App& group, Action& action) {
  auto flags = std::make_shared<PlotFlags>();
  CLI::App* command = group.add_subcommand("plot", "A figure: one panel for each dimension");
  command->add_option("SWEEP", flags->sweep, "The sweep's id, or its name (the newest of that name)")
      ->required();
  command->add_option("--output", flags->output, "The SVG file to write; - for standard output")->required();
  command->add_option("--dimension", flags->selection.dimensions, "Only these dimensions")->take_all();
  command->add_option("--metric", flags->selection.metric, "Which result column")->capture_default_str();
  command->add_option("--protocol", flags->selection.protocol,
                      "Which protocol (default: calibrated, or the sweep's first)");
  command->callback(
      [flags, &action] { action = [flags](Session& session) { return Plot(*flags, session); }; });
}

}  // namespace probesweep::client
