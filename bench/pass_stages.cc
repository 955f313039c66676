// What each stage of a pass costs: time, and the process's peak memory, over a series of checkpoints.
//
//   pass_stages --checkpoints DIR… --datasets CSV… [--protocols NAME…] [--threads N]
//
// One line per pass, then the sums and each stage's share of the computing. Forward and analysis run beside
// each other on all cores, so theirs are core-seconds; load and tokenize are the pass thread's. Datasets are
// read as the worker reads them; the steering share is one half.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/status.h"
#include "worker/engine/pass.h"
#include "worker/engine/pass_summary.h"

namespace probesweep::worker {
namespace {

struct Options {
  std::vector<std::string> checkpoints;
  std::vector<std::string> datasets;
  AnalysisConfig analysis;
  EngineOptions engine;
};

// Counts what failed; progress and cancellation play no part here.
class CountingObserver : public PassObserver {
 public:
  void OnProgress(int, int) override {}
  void OnDimension(int, absl::StatusOr<DimensionResult> result) override {
    if (result.ok()) return;
    ++failed;
    std::cerr << result.status().message() << "\n";
  }
  bool Cancelled() override { return false; }
  int failed = 0;
};

double PeakMegabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

absl::StatusOr<std::vector<PassDimension>> ReadDatasets(const std::vector<std::string>& paths) {
  std::vector<PassDimension> dimensions;
  for (const std::string& path : paths) {
    PassDimension dimension;
    PS_ASSIGN_OR_RETURN(dimension.dataset_csv, ReadFile(path));
    dimension.name = dimension.dataset = std::filesystem::path(path).stem().string();
    dimension.dataset_digest = Sha256Hex(dimension.dataset_csv);
    dimensions.push_back(std::move(dimension));
  }
  return dimensions;
}

struct Row {
  double load = 0, tokenize = 0, forward = 0, analyse = 0, wall = 0;
};

void Print(const std::string& name, const Row& row) {
  std::printf("%-24s %8.2f %8.2f %8.2f %8.2f %8.2f %9.0f\n", name.c_str(), row.load, row.tokenize,
              row.forward, row.analyse, row.wall, PeakMegabytes());
}

absl::Status Run(const Options& options) {
  PassRequest request;
  PS_RETURN_IF_ERROR(options.analysis.Validate());
  request.analysis = options.analysis;
  PS_ASSIGN_OR_RETURN(request.dimensions, ReadDatasets(options.datasets));
  PS_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, CreateEngine(options.engine));
  std::printf("%-24s %8s %8s %8s %8s %8s %9s\n", "seconds", "load", "tokenize", "forward", "analyse", "pass",
              "peak MiB");
  Row total;
  for (const std::string& checkpoint : options.checkpoints) {
    request.checkpoint_path = checkpoint;
    request.checkpoint = std::filesystem::path(checkpoint).filename().string();
    CountingObserver observer;
    const absl::Duration start = Clock::System()->Steady();
    PS_ASSIGN_OR_RETURN(const PassStatistics statistics, engine->RunPass(request, observer));
    if (observer.failed > 0) return absl::InternalError("a dimension failed");
    const Row row{absl::ToDoubleSeconds(statistics.load), absl::ToDoubleSeconds(statistics.tokenize),
                  absl::ToDoubleSeconds(statistics.forward), absl::ToDoubleSeconds(statistics.analyse),
                  absl::ToDoubleSeconds(Clock::System()->Steady() - start)};
    Print(request.checkpoint, row);
    std::cerr << request.checkpoint << " " << PassSummary(statistics)
              << PassFields(request.checkpoint, statistics) << "\n";
    total = {total.load + row.load, total.tokenize + row.tokenize, total.forward + row.forward,
             total.analyse + row.analyse, total.wall + row.wall};
  }
  Print("all passes", total);
  const double stages = total.load + total.tokenize + total.forward + total.analyse;
  std::printf("%-24s %7.0f%% %7.0f%% %7.0f%% %7.0f%%\n", "share", 100 * total.load / stages,
              100 * total.tokenize / stages, 100 * total.forward / stages, 100 * total.analyse / stages);
  return absl::OkStatus();
}

}  // namespace
}  // namespace probesweep::worker

int main(int argc, char** argv) {
  CLI::App app("Times the stages of probing passes");
  probesweep::worker::Options options;
  app.add_option("--checkpoints", options.checkpoints, "Folders of checkpoints")->required();
  app.add_option("--datasets", options.datasets, "CSV files with the columns statement and label")
      ->required();
  app.add_option("--protocols", options.analysis.protocols, "Protocols to analyse by")->capture_default_str();
  app.add_option("--threads", options.engine.threads, "Cores to use; 0: all");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = probesweep::worker::Run(options);
  if (!status.ok()) std::cerr << status.message() << "\n";
  return probesweep::ExitCodeFor(status);
}
