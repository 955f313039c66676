// What a pass will read, compute and hold, told before it begins: a pure function of the checkpoint's shapes,
// the statements' tokens and the analysis configuration. Torch-free.
#ifndef PROBESWEEP_WORKER_ENGINE_PASS_PLAN_H_
#define PROBESWEEP_WORKER_ENGINE_PASS_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/analysis_config.h"
#include "worker/engine/memory_plan.h"

namespace probesweep::worker {

// A block by the shapes of its tensors. Products are counted in multiply-adds for one row, a token.
struct BlockShape {
  int64_t parameters = 0;
  int64_t stored_bytes = 0;      // as the files have them
  int64_t query_key_value = 0;   // products that the last block, too, needs for every row
  int64_t attention_output = 0;  // of the last tokens only, there; as the MLP
  int64_t mlp = 0;               // with experts: of those that a row goes through, and of the router
  int64_t attention_width = 0;   // heads × head_dim
  int64_t heads = 0;
  bool fused_projections = false;  // queries, keys and values are one product
  double mlp_values = 0;           // that the MLP holds at once, for each row of a chunk
  int64_t mlp_arrays = 1;          // that these are, of one size
  int64_t load_parameters = 0;     // held at once while it is read, copies that put them in order included
  int64_t small_parameters = 0;    // of tensors so small that the allocator keeps a dropped block's
};

// A dimension by its statements' tokens, and by how they are laid out (exec/pack.h).
struct PlannedDimension {
  std::string name;
  int64_t statements = 0;
  int64_t distinct = 0;   // statements with tokens of their own
  int64_t tokens = 0;     // of all statements
  int64_t rows = 0;       // that a block computes: after sharing
  int64_t attended = 0;   // Σ length² over distinct statements
  int64_t last_seen = 0;  // Σ length over them
  // The largest of its chunks: rows, tokens; the largest run of one length there: tokens, Σ length².
  int64_t chunk_rows = 0, chunk_tokens = 0, run_tokens = 0, run_attended = 0;
};

struct PlanInput {
  std::vector<BlockShape> blocks;
  int64_t hidden = 0;
  int64_t embedding_parameters = 0, embedding_stored_bytes = 0;
  std::vector<PlannedDimension> dimensions;
  AnalysisConfig analysis;
  int threads = 1;
  int64_t process_bytes = 0;  // held before weights are read: programs, datasets, what was tokenized
};

struct PassPlan {
  int64_t bytes_to_read = 0;
  int64_t statements = 0, tokens = 0, rows = 0;
  double product_flops = 0;    // of the blocks' matrix products, two for each multiply-add
  double attention_flops = 0;  // of queries with keys and of weights with values
  double values = 0;           // that blocks write in between: what small models wait for
  double analysis_flops = 0;   // in fp64: kernels, their factors and inverses, dense steps of probes
  double analysis_reads = 0;   // elements that probes and permutations go through beside these
  double surface_texts = 0;    // texts that surface baselines are fitted on, in a worker's first pass
  int threads = 1;
  MemoryPlan memory;

  double forward_flops() const { return product_flops + attention_flops; }
};

PassPlan PlanPass(const PlanInput& input);

// What a machine does in a second.
struct MachineRates {
  double sgemm = 0;  // FLOP, of one core
  double read = 0;   // bytes of the checkpoint, fingerprinted and converted
};

// What a pass takes. Forward and analysis are summed over cores, as in PassStatistics; of a dimension's
// probes it is not known before how many steps they take, so the analysis is good to a factor of two.
struct PassTimes {
  absl::Duration load, tokenize, forward, analyse;
  absl::Duration pass;  // from beginning to end: blocks are read while others compute
};

// Rates above 0.
PassTimes ExpectedTimes(const PassPlan& plan, const MachineRates& rates);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ENGINE_PASS_PLAN_H_
