// How often the 95 % intervals of protocol `calibrated` hold the truth, in worlds that they were not made in.
//
//   measure_coverage [--seed S] [--draws N] [--only TEXT]
//
// Makes the table of docs/protocols.md, in Markdown.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "bench/coverage/fresh_worlds.h"
#include "common/status.h"
#include "worker/analysis/calibrated_protocol.h"
#include "worker/analysis/protocol_parts.h"
#include "worker/analysis/statistics.h"

namespace probesweep::worker {
namespace {

constexpr double kSurfaceAccuracy = 0.6;
constexpr int64_t kTruthDraws = 400;
constexpr int64_t kTruthRows = 20000;

struct Options {
  uint64_t seed = 1;
  int64_t draws = 2000;
  std::string only;
};

absl::Status NoStep() { return absl::OkStatus(); }

ProtocolInput InputOf(const FreshSample& sample, int64_t seed) {
  ProtocolInput input;
  input.statements = &sample.statements;
  input.dataset = "drawn";
  input.config.permutations = 0;
  input.config.seed = seed;
  return input;
}

// What is expected of the pipeline's probe on new groups; columns as in a result.
absl::StatusOr<ResultValues> FindTruth(const FreshWorld& world, uint64_t seed) {
  FreshSampler sampler(seed);
  const auto once = static_cast<int64_t>(sampler.Draw(world).statements.labels.size());
  ResultValues truth;
  // New rows now and then: test rows have a luck of their own.
  FreshSample tested;
  for (int64_t draw = 0; draw < kTruthDraws; ++draw) {
    if (draw % (kTruthDraws / 8) == 0) tested = sampler.Draw(Repeated(world, kTruthRows / once));
    const FreshSample sample = sampler.Draw(world);
    PS_ASSIGN_OR_RETURN(const std::vector<Split> splits, CalibratedSplits(InputOf(sample, draw)));
    const RowSet rows(sample.statements, splits[0].train);
    const Standardized train = Standardize(rows.Of(sample.representations));
    PS_ASSIGN_OR_RETURN(const Probe probe, FitProbeFor({}, train.values, rows.labels()));
    ResultValues values;
    AddProbeValues(probe, ScoresOf(probe, train.Apply(tested.representations), tested.statements.labels),
                   values);
    for (const std::string column : {"accuracy", "auroc"}) {
      truth[column] += values.at(column) / static_cast<double>(kTruthDraws);
    }
  }
  truth["above_surface"] = truth["accuracy"] - kSurfaceAccuracy;
  return truth;
}

// How the intervals of one column fared.
struct Fared {
  int64_t intervals = 0, held = 0;

  double Percent() const { return 100 * static_cast<double>(held) / static_cast<double>(intervals); }
};

void Count(const ResultValues& values, const std::string& column, double truth, Fared& fared) {
  const auto low = values.find(column + "_low"), high = values.find(column + "_high");
  if (low == values.end() || high == values.end()) return;
  ++fared.intervals;
  fared.held += low->second <= truth && truth <= high->second ? 1 : 0;
}

absl::StatusOr<std::map<std::string, Fared>> Measure(const FreshWorld& world, const ResultValues& truth,
                                                     const Options& options) {
  FreshSampler sampler(options.seed);
  std::map<std::string, Fared> fared;
  for (int64_t draw = 0; draw < options.draws; ++draw) {
    const FreshSample sample = sampler.Draw(world);
    const ProtocolInput input = InputOf(sample, static_cast<int64_t>(options.seed) * 1000000 + draw);
    PS_ASSIGN_OR_RETURN(const std::vector<Split> splits, CalibratedSplits(input));
    PS_ASSIGN_OR_RETURN(
        const auto protocol,
        CreateCalibratedProtocol(input, sampler.Surface(sample.statements, splits, kSurfaceAccuracy)));
    PS_ASSIGN_OR_RETURN(const LayerAnalysis analysis,
                        protocol->AnalyseLayer(0, sample.representations, NoStep));
    for (const auto& [column, value] : truth) Count(analysis.values, column, value, fared[column]);
  }
  return fared;
}

absl::Status Run(const Options& options) {
  at::set_num_threads(1);  // the matrices are small
  std::printf(
      "| data | expected accuracy, AUROC | accuracy | AUROC | above surface |\n|---|---|---|---|---|\n");
  for (const FreshWorld& world : FreshWorlds()) {
    if (world.name.find(options.only) == std::string::npos) continue;
    PS_ASSIGN_OR_RETURN(const ResultValues truth, FindTruth(world, options.seed + (uint64_t{1} << 32)));
    PS_ASSIGN_OR_RETURN(const auto fared, Measure(world, truth, options));
    std::printf("| %s | %.3f, %.3f |", world.name.c_str(), truth.at("accuracy"), truth.at("auroc"));
    for (const std::string column : {"accuracy", "auroc", "above_surface"}) {
      std::printf(" %.1f %% |", fared.at(column).Percent());
    }
    std::printf("\n");
    std::fflush(stdout);
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace probesweep::worker

int main(int argc, char** argv) {
  probesweep::worker::Options options;
  CLI::App app("How often the intervals of protocol calibrated hold the truth");
  app.add_option("--seed", options.seed, "of the simulated datasets")->capture_default_str();
  app.add_option("--draws", options.draws, "datasets of each world")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--only", options.only, "only worlds whose name holds this text");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = probesweep::worker::Run(options);
  if (status.ok()) return 0;
  std::cerr << "measure_coverage: " << status.message() << "\n";
  return 1;
}
