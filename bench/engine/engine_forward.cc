// The executor alone: what a checkpoint's forward pass over statements costs, and what each of its economies
// is worth.
//
//   engine_forward --checkpoint DIR (--datasets CSV… | --ids JSONL…) [--threads N] [--ablations]
//                  [--representations FILE --layers L…] [--write-ids DIR] [--json FILE]
//
// One row per run; with --ablations also one without each of: sharing of prefixes, overlap of reading and
// computing, the last block's shortcut. `forward` is the wall time of computing blocks; `of sgemm` compares
// it with the rate of the same matrix products by themselves, measured before and after on all cores; `by
// cpu` does so by processor seconds: the figure to read where others use the machine too. --representations
// writes those of the first run, for comparison with others.
#include <ATen/ATen.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/engine/forward_run.h"
#include "bench/engine/matrix_products.h"
#include "bench/engine/process_usage.h"
#include "bench/engine/run_table.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/safetensors.h"
#include "common/status.h"
#include "worker/engine/opened_checkpoint.h"
#include "worker/exec/pack.h"

namespace probesweep::worker {
namespace {

struct Options {
  std::string checkpoint, representations, ids_folder, json;
  std::vector<std::string> datasets, ids;
  std::set<int64_t> layers;
  bool ablations = false;
  int threads = 0;
  double product_seconds = 2;
};

using Representations = std::map<std::string, at::Tensor>;  // "<dataset>.layer_<ℓ>" → [statements, hidden]

double SecondsSince(absl::Duration start) { return absl::ToDoubleSeconds(Clock::System()->Steady() - start); }

absl::StatusOr<std::vector<Dataset>> ReadDatasets(const Options& options, int threads) {
  std::vector<Dataset> datasets;
  for (const std::string& path : options.datasets) {
    PS_ASSIGN_OR_RETURN(Dataset dataset, TokenizeDataset(path, options.checkpoint, threads));
    datasets.push_back(std::move(dataset));
  }
  for (const std::string& path : options.ids) {
    PS_ASSIGN_OR_RETURN(Dataset dataset, ReadIds(path));
    datasets.push_back(std::move(dataset));
  }
  if (datasets.empty())
    return absl::InvalidArgumentError("there are no statements; give --datasets or --ids");
  return datasets;
}

absl::Status WriteRepresentations(const std::string& path, const Representations& representations) {
  std::vector<TensorToWrite> tensors;
  for (const auto& [name, tensor] : representations) {
    const auto* const bytes = static_cast<const char*>(tensor.data_ptr());
    tensors.push_back({name, DType::kF32, tensor.sizes().vec(), {bytes, tensor.nbytes()}});
  }
  PS_ASSIGN_OR_RETURN(const std::string bytes, SerializeSafetensors(tensors, {{"format", "pt"}}));
  return WriteFileAtomically(path, bytes);
}

class Bench {
 public:
  Bench(const Options& options, ComputePool& pool) : options_(options), pool_(pool) {}

  absl::Status Prepare() {
    const absl::Duration start = Clock::System()->Steady();
    PS_ASSIGN_OR_RETURN(datasets_, ReadDatasets(options_, pool_.threads()));
    tokenize_seconds_ = SecondsSince(start);
    return options_.ids_folder.empty() ? absl::OkStatus() : WriteIds(datasets_, options_.ids_folder);
  }

  absl::Status Run() {
    PS_ASSIGN_OR_RETURN(const OperationRate before, Rate());
    PS_RETURN_IF_ERROR(RunOnce("all", {}, options_.layers));
    if (options_.ablations) {
      PS_RETURN_IF_ERROR(RunOnce("without sharing", {false, true, true}, {}));
      PS_RETURN_IF_ERROR(RunOnce("without overlap", {true, false, true}, {}));
      PS_RETURN_IF_ERROR(RunOnce("without shortcut", {true, true, false}, {}));
    }
    PS_ASSIGN_OR_RETURN(const OperationRate after, Rate());
    for (RunRow& row : rows_) {
      row.share = row.operations / row.forward / ((before.wall + after.wall) / 2);
      row.share_by_processor /= (before.processor + after.processor) / 2;
    }
    PrintTable(rows_, /*in_core_seconds=*/false);
    std::printf("sgemm of the same shapes on %d core(s): %.1f GFLOP/s before, %.1f after\n", pool_.threads(),
                before.wall / 1e9, after.wall / 1e9);
    if (!options_.representations.empty()) {
      PS_RETURN_IF_ERROR(WriteRepresentations(options_.representations, representations_));
    }
    return options_.json.empty() ? absl::OkStatus() : WriteFigures(before.wall, after.wall);
  }

 private:
  absl::StatusOr<OperationRate> Rate() const {
    PS_ASSIGN_OR_RETURN(const OpenedCheckpoint opened, OpenCheckpoint(options_.checkpoint));
    PS_ASSIGN_OR_RETURN(const auto matrices, BlockMatrices(*opened.model, *opened.weights));
    return ProductRate(matrices, ChunkRows(opened.model->hidden_size()), options_.product_seconds, pool_);
  }

  absl::Status RunOnce(const std::string& name, const Ablations& with, const std::set<int64_t>& layers) {
    RunRow row;
    row.name = name;
    row.tokenize = tokenize_seconds_;
    const double processor = ProcessorSeconds();
    const absl::Duration start = Clock::System()->Steady();
    PS_ASSIGN_OR_RETURN(const OpenedCheckpoint opened, OpenCheckpoint(options_.checkpoint));
    const double opening = SecondsSince(start);
    const auto keep = [this](const Dataset& dataset, int64_t layer, const at::Tensor& values) {
      representations_[absl::StrCat(dataset.name, ".layer_", layer)] = values.contiguous();
    };
    PS_ASSIGN_OR_RETURN(const ForwardFigures figures,
                        RunForward(*opened.model, *opened.weights, datasets_, with, pool_, layers, keep));
    row.load = opening + figures.embed + figures.wait;
    row.forward = figures.compute;
    row.wall = opening + figures.wall;
    row.processor = ProcessorSeconds() - processor;
    row.peak_mib = PeakMebibytes();
    row.computed = figures.rows;
    for (const Dataset& dataset : datasets_) row.tokens += dataset.tokens();
    PS_ASSIGN_OR_RETURN(const auto matrices, BlockMatrices(*opened.model, *opened.weights));
    row.operations = ProductOperations(matrices, opened.model->layers(), figures.rows,
                                       with.shortcut ? figures.distinct_statements : figures.rows);
    row.share_by_processor = row.operations / figures.processor;  // of a second; Run makes it a share
    rows_.push_back(row);
    return absl::OkStatus();
  }

  absl::Status WriteFigures(double before, double after) const {
    nlohmann::json figures = {{"threads", pool_.threads()}, {"sgemm", {before, after}}, {"runs", {}}};
    for (const RunRow& row : rows_) figures["runs"].push_back(ToJson(row));
    return WriteFileAtomically(options_.json, figures.dump(1) + "\n");
  }

  const Options& options_;
  ComputePool& pool_;
  std::vector<Dataset> datasets_;
  double tokenize_seconds_ = 0;
  Representations representations_;
  std::vector<RunRow> rows_;
};

absl::Status Run(const Options& options) {
  ComputePool pool(options.threads);
  Bench bench(options, pool);
  PS_RETURN_IF_ERROR(bench.Prepare());
  return bench.Run();
}

}  // namespace
}  // namespace probesweep::worker

int main(int argc, char** argv) {
  CLI::App app("Times the executor alone");
  probesweep::worker::Options options;
  app.add_option("--checkpoint", options.checkpoint, "Folder")->required();
  app.add_option("--datasets", options.datasets, "CSV files with the columns statement and label");
  app.add_option("--ids", options.ids, "JSON lines, {\"ids\": […]}, in place of texts");
  app.add_option("--threads", options.threads, "Cores to use; 0: all")->check(CLI::NonNegativeNumber);
  app.add_flag("--ablations", options.ablations, "Also run without each economy");
  app.add_option("--representations", options.representations, "Safetensors file to write them to");
  app.add_option("--layers", options.layers, "Those whose representations are written");
  app.add_option("--write-ids", options.ids_folder, "Folder for the statements' token ids");
  app.add_option("--product-seconds", options.product_seconds, "How long sgemm is timed, twice")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--json", options.json, "File for the figures");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = probesweep::worker::Run(options);
  if (!status.ok()) std::cerr << status.message() << "\n";
  return probesweep::ExitCodeFor(status);
}
