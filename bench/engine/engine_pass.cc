// Whole passes, as a worker runs them, over a series of checkpoints: time by stage, the work done, the share
// of the machine's matrix products reached, and what was found.
//
//   engine_pass --checkpoints DIR… --datasets CSV… [--protocols NAME…] [--threads N] [--device D] [--dtype T]
//               [--write-ids DIR] [--representations DIR] [--json FILE]
//
// Forward and analysis run beside each other, so theirs are core-seconds. `of sgemm` compares the forward's
// with the rate of the same matrix products by themselves, measured before and after on all cores. --json
// also has each layer's accuracy and mutual information.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "bench/engine/matrix_products.h"
#include "bench/engine/process_usage.h"
#include "bench/engine/run_table.h"
#include "bench/engine/statement_ids.h"
#include "common/clock.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/status.h"
#include "worker/engine/opened_checkpoint.h"
#include "worker/engine/pass.h"
#include "worker/exec/pack.h"
#include "worker/model/threads.h"

namespace probesweep::worker {
namespace {

struct Options {
  std::vector<std::string> checkpoints, datasets;
  std::string ids_folder, representations, json;
  double product_seconds = 2;
  AnalysisConfig analysis;
  EngineOptions engine;
};

// Keeps the results, and writes representations to a folder unless it is ""; progress and cancellation play
// no part here.
class KeepingObserver : public PassObserver {
 public:
  KeepingObserver(const PassRequest& request, const std::string& folder)
      : request_(request), folder_(folder) {}
  void OnProgress(int, int) override {}
  void OnDimension(int index, absl::StatusOr<DimensionResult> result) override {
    const std::string& dataset = request_.dimensions[static_cast<size_t>(index)].dataset;
    absl::Status status = result.status();
    if (status.ok() && !folder_.empty()) status = WriteRepresentations(dataset, *result);
    if (!status.ok()) {
      status_ = Annotate(status, dataset);
      return;
    }
    for (const LayerResult& layer : result->layers) {
      results_.push_back({{"checkpoint", request_.checkpoint},
                          {"dataset", dataset},
                          {"layer", layer.layer},
                          {"protocol", layer.protocol},
                          {"values", layer.values}});
    }
  }
  bool Cancelled() override { return false; }

  const absl::Status& status() const { return status_; }
  const std::vector<nlohmann::json>& results() const { return results_; }

 private:
  absl::Status WriteRepresentations(const std::string& dataset, const DimensionResult& result) const {
    for (const ArtifactBytes& artifact : result.artifacts) {
      absl::string_view layer = artifact.kind;
      if (!absl::ConsumePrefix(&layer, "representations.")) continue;
      const std::string path = absl::StrCat(folder_, "/", dataset, ".", layer, ".safetensors");
      PS_RETURN_IF_ERROR(WriteFileAtomically(path, artifact.bytes));
    }
    return absl::OkStatus();
  }

  const PassRequest& request_;
  const std::string& folder_;
  absl::Status status_;  // of the last dimension that failed
  std::vector<nlohmann::json> results_;
};

PassDimension DimensionOf(const Dataset& dataset) {
  PassDimension dimension;
  dimension.name = dimension.dataset = dataset.name;
  dimension.dataset_csv = dataset.csv;
  dimension.dataset_digest = Sha256Hex(dataset.csv);
  return dimension;
}

class Bench {
 public:
  explicit Bench(const Options& options)
      : options_(options), threads_(options.engine.threads > 0 ? options.engine.threads : UsableCores()) {}

  absl::Status Run() {
    PS_RETURN_IF_ERROR(Prepare());
    PS_ASSIGN_OR_RETURN(const OperationRate before, Rate());
    PS_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, CreateEngine(options_.engine));
    for (const std::string& checkpoint : options_.checkpoints)
      PS_RETURN_IF_ERROR(RunPass(*engine, checkpoint));
    PS_ASSIGN_OR_RETURN(const OperationRate after, Rate());
    const double rate_of_a_core = (before.wall + after.wall) / 2 / threads_;
    for (RunRow& row : rows_) row.share = row.operations / row.forward / rate_of_a_core;
    PrintTable(rows_, /*in_core_seconds=*/true);
    std::printf("sgemm of the same shapes on %d core(s): %.1f GFLOP/s before, %.1f after\n", threads_,
                before.wall / 1e9, after.wall / 1e9);
    return options_.json.empty() ? absl::OkStatus() : WriteFigures(before.wall, after.wall);
  }

 private:
  // Token ids for counting; the passes tokenize by themselves.
  absl::Status Prepare() {
    PS_RETURN_IF_ERROR(options_.analysis.Validate());
    request_.analysis = options_.analysis;
    request_.analysis.keep_representations = !options_.representations.empty();
    if (request_.analysis.keep_representations) PS_RETURN_IF_ERROR(MakeFolders(options_.representations));
    std::vector<Dataset> datasets;
    for (const std::string& path : options_.datasets) {
      PS_ASSIGN_OR_RETURN(Dataset dataset, TokenizeDataset(path, options_.checkpoints[0], threads_));
      request_.dimensions.push_back(DimensionOf(dataset));
      tokens_ += dataset.tokens();
      distinct_statements_ += dataset.distinct_statements();
      datasets.push_back(std::move(dataset));
    }
    return options_.ids_folder.empty() ? absl::OkStatus() : WriteIds(datasets, options_.ids_folder);
  }

  absl::StatusOr<OperationRate> Rate() const {
    PS_ASSIGN_OR_RETURN(const OpenedCheckpoint opened, OpenCheckpoint(options_.checkpoints[0]));
    PS_ASSIGN_OR_RETURN(const auto matrices, BlockMatrices(*opened.model, *opened.weights));
    ComputePool pool(threads_);
    return ProductRate(matrices, ChunkRows(opened.model->hidden_size()), options_.product_seconds, pool);
  }

  absl::StatusOr<double> Operations(const std::string& checkpoint, int64_t computed) const {
    PS_ASSIGN_OR_RETURN(const OpenedCheckpoint opened, OpenCheckpoint(checkpoint));
    PS_ASSIGN_OR_RETURN(const auto matrices, BlockMatrices(*opened.model, *opened.weights));
    return ProductOperations(matrices, opened.model->layers(), computed, distinct_statements_);
  }

  absl::Status RunPass(Engine& engine, const std::string& checkpoint) {
    request_.checkpoint_path = checkpoint;
    request_.checkpoint = std::filesystem::path(checkpoint).filename().string();
    KeepingObserver observer(request_, options_.representations);
    const double processor = ProcessorSeconds();
    const absl::Duration start = Clock::System()->Steady();
    PS_ASSIGN_OR_RETURN(const PassStatistics statistics, engine.RunPass(request_, observer));
    RunRow row;
    row.wall = absl::ToDoubleSeconds(Clock::System()->Steady() - start);
    PS_RETURN_IF_ERROR(observer.status());
    row.name = request_.checkpoint;
    row.processor = ProcessorSeconds() - processor;
    row.peak_mib = PeakMebibytes();
    row.tokens = tokens_;
    row.computed = statistics.tokens;
    row.load = absl::ToDoubleSeconds(statistics.load);
    row.tokenize = absl::ToDoubleSeconds(statistics.tokenize);
    row.forward = absl::ToDoubleSeconds(statistics.forward);
    row.analyse = absl::ToDoubleSeconds(statistics.analyse);
    PS_ASSIGN_OR_RETURN(row.operations, Operations(checkpoint, statistics.tokens));
    rows_.push_back(row);
    results_.insert(results_.end(), observer.results().begin(), observer.results().end());
    return absl::OkStatus();
  }

  absl::Status WriteFigures(double before, double after) const {
    nlohmann::json figures = {
        {"threads", threads_}, {"sgemm", {before, after}}, {"runs", {}}, {"results", results_}};
    for (const RunRow& row : rows_) figures["runs"].push_back(ToJson(row));
    return WriteFileAtomically(options_.json, figures.dump(1) + "\n");
  }

  const Options& options_;
  const int threads_;
  PassRequest request_;
  int64_t tokens_ = 0, distinct_statements_ = 0;
  std::vector<RunRow> rows_;
  std::vector<nlohmann::json> results_;
};

}  // namespace
}  // namespace probesweep::worker

int main(int argc, char** argv) {
  CLI::App app("Times whole passes");
  probesweep::worker::Options options;
  app.add_option("--checkpoints", options.checkpoints, "Folders of checkpoints of one shape")->required();
  app.add_option("--datasets", options.datasets, "CSV files with the columns statement and label")
      ->required();
  options.analysis.protocols = {"released"};
  app.add_option("--protocols", options.analysis.protocols, "Protocols to analyse by")->capture_default_str();
  app.add_option("--threads", options.engine.threads, "Cores to use; 0: all")->check(CLI::NonNegativeNumber);
  app.add_option("--device", options.engine.device, "auto, cpu, cuda:N")->capture_default_str();
  app.add_option("--dtype", options.engine.dtype, "auto, fp32, bf16")->capture_default_str();
  app.add_option("--write-ids", options.ids_folder, "Folder for the statements' token ids");
  app.add_option("--representations", options.representations, "Folder for all layers' representations");
  app.add_option("--product-seconds", options.product_seconds, "How long sgemm is timed, twice")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--json", options.json, "File for the figures and results");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = probesweep::worker::Bench(options).Run();
  if (!status.ok()) std::cerr << status.message() << "\n";
  return probesweep::ExitCodeFor(status);
}
