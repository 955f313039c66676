// The executor by itself: weights read, statements run through every block, nothing analysed.
#ifndef PROBESWEEP_BENCH_ENGINE_FORWARD_RUN_H_
#define PROBESWEEP_BENCH_ENGINE_FORWARD_RUN_H_

#include <cstdint>
#include <functional>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/engine/statement_ids.h"
#include "worker/checkpoint/weight_source.h"
#include "worker/exec/compute_pool.h"
#include "worker/model/model.h"

namespace probesweep::worker {

// What the executor may leave out, each for measuring what it is worth.
struct Ablations {
  bool sharing = true;   // of prefixes; statements that are equal throughout are shared either way
  bool overlap = true;   // of reading a block with computing the one before
  bool shortcut = true;  // last block: only final tokens behind attention
};

struct ForwardFigures {
  int64_t rows = 0;                 // tokens computed, after sharing
  int64_t distinct_statements = 0;  // last tokens computed
  // Seconds of the calling thread: embedding the statements, waiting for blocks, computing them.
  double embed = 0, wait = 0, compute = 0, wall = 0;
  double busy = 0;       // seconds of computing, summed over cores
  double processor = 0;  // of which cores were given to this process, reading ahead included
  double reading = 0;    // seconds of reading blocks, beside the computing or not
};

// Gets a layer's representations of a dataset, fp32 [statements, hidden].
using RepresentationSink =
    std::function<void(const Dataset& dataset, int64_t layer, const at::Tensor& representations)>;

// `layers`: those whose representations the sink gets. Errors: those of LayerwiseExecutor.
absl::StatusOr<ForwardFigures> RunForward(const Model& model, WeightSource& weights,
                                          const std::vector<Dataset>& datasets, const Ablations& with,
                                          ComputePool& pool, const std::set<int64_t>& layers,
                                          const RepresentationSink& sink);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_BENCH_ENGINE_FORWARD_RUN_H_
