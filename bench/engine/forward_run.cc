#include "bench/engine/forward_run.h"

#include <ATen/ATen.h>

#include <memory>
#include <utility>

#include "bench/engine/process_usage.h"
#include "common/clock.h"
#include "common/status.h"
#include "worker/exec/layerwise_executor.h"
#include "worker/exec/pack.h"
#include "worker/exec/torch_boundary.h"

namespace probesweep::worker {
namespace {

// Adds what `work` takes to `seconds`.
template <typename Work>
auto Timed(double& seconds, const Work& work) {
  const absl::Duration start = Clock::System()->Steady();
  auto result = work();
  seconds += absl::ToDoubleSeconds(Clock::System()->Steady() - start);
  return result;
}

std::vector<Pack> PackDatasets(const Model& model, const std::vector<Dataset>& datasets,
                               const Ablations& with) {
  PackOptions options = PackOptionsFor(model);
  options.share_prefixes = with.sharing;
  std::vector<Pack> packs;
  for (const Dataset& dataset : datasets) packs.push_back(BuildPack(dataset.ids, options));
  return packs;
}

absl::Status RunBlocks(const Model& model, LayerwiseExecutor& executor, const std::vector<Dataset>& datasets,
                       const std::set<int64_t>& layers, const RepresentationSink& sink,
                       ForwardFigures& figures) {
  for (int64_t layer = 0; layer < model.layers(); ++layer) {
    PS_RETURN_IF_ERROR(Timed(figures.wait, [&] { return executor.LoadNextBlock(); }));
    const double processor = ProcessorSeconds();
    PS_RETURN_IF_ERROR(Timed(figures.compute, [&] { return executor.RunBlock([] { return false; }); }));
    figures.processor += ProcessorSeconds() - processor;
    if (layers.count(layer) == 0) continue;
    for (size_t i = 0; i < datasets.size(); ++i) sink(datasets[i], layer, executor.Representations(i));
  }
  return absl::OkStatus();
}

absl::Status Measure(const Model& model, WeightSource& weights, const std::vector<Dataset>& datasets,
                     const Ablations& with, ComputePool& pool, const std::set<int64_t>& layers,
                     const RepresentationSink& sink, ForwardFigures& figures) {
  std::vector<Pack> packs = PackDatasets(model, datasets, with);
  for (const Pack& pack : packs) {
    figures.rows += pack.rows();
    figures.distinct_statements += static_cast<int64_t>(pack.first_token.size());
  }
  const LayerwiseOptions options{with.shortcut ? LastBlockRows::kLastTokens : LastBlockRows::kAll,
                                 with.overlap ? LoadAhead::kOne : LoadAhead::kNone};
  PS_ASSIGN_OR_RETURN(const std::unique_ptr<LayerwiseExecutor> executor, Timed(figures.embed, [&] {
                        return LayerwiseExecutor::Start(model, weights, std::move(packs), options, &pool);
                      }));
  PS_RETURN_IF_ERROR(RunBlocks(model, *executor, datasets, layers, sink, figures));
  figures.busy = absl::ToDoubleSeconds(executor->busy());
  figures.reading = absl::ToDoubleSeconds(executor->reading());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ForwardFigures> RunForward(const Model& model, WeightSource& weights,
                                          const std::vector<Dataset>& datasets, const Ablations& with,
                                          ComputePool& pool, const std::set<int64_t>& layers,
                                          const RepresentationSink& sink) {
  ForwardFigures figures;
  PS_RETURN_IF_ERROR(Timed(figures.wall, [&] {
    return RunTorch([&] { return Measure(model, weights, datasets, with, pool, layers, sink, figures); });
  }));
  return figures;
}

}  // namespace probesweep::worker
