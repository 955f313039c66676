// Whether reading hides behind computing: the executor with weights that come at given rates.
//
//   throttled_read --checkpoint DIR (--datasets CSV… | --ids JSONL…) --mb-per-second R… [--threads N]
//
// One row per rate: seconds of reading all that a pass reads, of computing, and of the whole, with and
// without reading ahead; and the whole over the longer of the two. Rate 0 does not throttle: what it takes to
// compute there is the computing that the other rows' ratios are taken with, so that work which reading adds
// to the cores counts against the engine.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "bench/engine/forward_run.h"
#include "bench/engine/statement_ids.h"
#include "bench/engine/throttled_weights.h"
#include "common/status.h"
#include "worker/engine/opened_checkpoint.h"

namespace probesweep::worker {
namespace {

struct Options {
  std::string checkpoint;
  std::vector<std::string> datasets, ids;
  std::vector<double> rates;
  int threads = 0;
};

struct Seconds {
  double read = 0, compute = 0, wall = 0;
};

absl::StatusOr<Seconds> RunAt(double mb_per_second, bool ahead, const Options& options,
                              const std::vector<Dataset>& datasets, ComputePool& pool) {
  PS_ASSIGN_OR_RETURN(const OpenedCheckpoint opened, OpenCheckpoint(options.checkpoint));
  ThrottledWeights weights(*opened.weights, mb_per_second * 1e6);
  Ablations with;
  with.overlap = ahead;
  PS_ASSIGN_OR_RETURN(const ForwardFigures figures,
                      RunForward(*opened.model, weights, datasets, with, pool, {}, nullptr));
  return Seconds{absl::ToDoubleSeconds(weights.busy()), figures.compute, figures.wall};
}

absl::Status Run(const Options& options) {
  ComputePool pool(options.threads);
  std::vector<Dataset> datasets;
  for (const std::string& path : options.datasets) {
    PS_ASSIGN_OR_RETURN(Dataset dataset, TokenizeDataset(path, options.checkpoint, pool.threads()));
    datasets.push_back(std::move(dataset));
  }
  for (const std::string& path : options.ids) {
    PS_ASSIGN_OR_RETURN(Dataset dataset, ReadIds(path));
    datasets.push_back(std::move(dataset));
  }
  if (datasets.empty())
    return absl::InvalidArgumentError("there are no statements; give --datasets or --ids");
  // Read ahead or not, the first run only fills the page cache.
  PS_RETURN_IF_ERROR(RunAt(0, false, options, datasets, pool).status());
  PS_ASSIGN_OR_RETURN(const Seconds alone, RunAt(0, false, options, datasets, pool));
  std::printf("not throttled, not ahead: read %.2f s, compute %.2f s, whole %.2f s\n", alone.read,
              alone.compute, alone.wall);
  std::printf("%10s %8s %8s | %8s %8s | %8s %8s\n", "MB/s", "read", "compute", "ahead", "ratio", "not",
              "ratio");
  for (const double rate : options.rates) {
    PS_ASSIGN_OR_RETURN(const Seconds ahead, RunAt(rate, true, options, datasets, pool));
    PS_ASSIGN_OR_RETURN(const Seconds behind, RunAt(rate, false, options, datasets, pool));
    const double longer = std::max(behind.read, alone.compute);
    std::printf("%10.0f %8.2f %8.2f | %8.2f %8.2f | %8.2f %8.2f\n", rate, behind.read, alone.compute,
                ahead.wall, ahead.wall / longer, behind.wall, behind.wall / longer);
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace probesweep::worker

int main(int argc, char** argv) {
  CLI::App app("Times the executor with weights that come slowly");
  probesweep::worker::Options options;
  app.add_option("--checkpoint", options.checkpoint, "Folder")->required();
  app.add_option("--datasets", options.datasets, "CSV files with the columns statement and label");
  app.add_option("--ids", options.ids, "JSON lines, {\"ids\": […]}, in place of texts");
  app.add_option("--mb-per-second", options.rates, "Rates to try; 0: as fast as it comes")->required();
  app.add_option("--threads", options.threads, "Cores to use; 0: all")->check(CLI::NonNegativeNumber);
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = probesweep::worker::Run(options);
  if (!status.ok()) std::cerr << status.message() << "\n";
  return probesweep::ExitCodeFor(status);
}
