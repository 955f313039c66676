// Runs packs through a model block by block: each weight is read once, whatever the number of statements.
#ifndef PROBESWEEP_WORKER_EXEC_LAYERWISE_EXECUTOR_H_
#define PROBESWEEP_WORKER_EXEC_LAYERWISE_EXECUTOR_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "worker/checkpoint/weight_source.h"
#include "worker/exec/block_loader.h"
#include "worker/exec/compute_pool.h"
#include "worker/exec/pack.h"
#include "worker/model/model.h"

namespace probesweep::worker {

// Which rows a caller needs of the last block. Of the others all are computed: later blocks attend to them.
enum class LastBlockRows { kLastTokens, kAll };

struct LayerwiseOptions {
  LastBlockRows last_block_rows = LastBlockRows::kLastTokens;
  LoadAhead load_ahead = LoadAhead::kOne;
};

//   Start ─▶ embedding ─▶ { LoadNextBlock ─▶ RunBlock } for each layer
//
// Holds the residual stream of every pack, one block, and what is loaded ahead. Chunks are the jobs of the
// pool. Until it is destroyed the weights are its own. Not thread-safe; model, weights and pool outlive it.
class LayerwiseExecutor {
 public:
  // Embeds the packs. Errors: DATA_LOSS (as WeightSource::Read), INVALID_ARGUMENT (a token id that the
  // embedding does not have, a statement longer than its positions).
  static absl::StatusOr<std::unique_ptr<LayerwiseExecutor>> Start(const Model& model, WeightSource& weights,
                                                                  std::vector<Pack> packs,
                                                                  const LayerwiseOptions& options,
                                                                  ComputePool* pool);
  ~LayerwiseExecutor();
  LayerwiseExecutor(const LayerwiseExecutor&) = delete;
  LayerwiseExecutor& operator=(const LayerwiseExecutor&) = delete;

  // Drops the present block and waits for the next. Errors: as WeightSource::Read; those of RunTorch.
  absl::Status LoadNextBlock();
  // Runs the present block over all packs, once per block. `cancelled` is asked meanwhile. Errors: DATA_LOSS
  // when an activation is not finite, naming layer and tensor; CANCELLED; those of RunTorch.
  absl::Status RunBlock(absl::FunctionRef<bool()> cancelled);

  // The representations that the present block gave: fp32 [statements, hidden], in the statements' own order.
  at::Tensor Representations(size_t pack) const;
  // The residual stream after the present block: fp32 [rows, hidden]. Not after the last block of
  // kLastTokens.
  const at::Tensor& Residual(size_t pack) const;

  // What RunBlock's jobs took so far, summed over cores.
  absl::Duration busy() const { return busy_; }
  // What reading the embedding and the blocks took so far, beside the computing or not.
  absl::Duration reading() const { return embedding_reading_ + loader_.busy(); }
  int64_t layer() const { return layer_; }  // of the present block; −1 before the first
  const Pack& pack(size_t index) const { return packs_[index]; }

 private:
  struct Streams;
  LayerwiseExecutor(const Model& model, WeightSource& weights, std::vector<Pack> packs,
                    const LayerwiseOptions& options, ComputePool* pool);
  absl::Status Embed();
  // A chunk's place among its pack's rows and packed statements.
  struct Place {
    const PackedLayout* chunk;
    int64_t first_row, first_statement;
  };
  // False when the chunk's output is not finite.
  bool RunChunk(size_t pack, const Place& place);
  bool only_last_tokens() const {
    return last_block_rows_ == LastBlockRows::kLastTokens && layer_ + 1 == model_.layers();
  }

  const Model& model_;
  WeightSource& weights_;
  const std::vector<Pack> packs_;
  const LastBlockRows last_block_rows_;
  ComputePool* const pool_;
  const std::unique_ptr<Streams> streams_;
  BlockLoader loader_;
  std::unique_ptr<Block> block_;
  int64_t layer_ = -1;
  absl::Duration busy_;
  absl::Duration embedding_reading_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_EXEC_LAYERWISE_EXECUTOR_H_
