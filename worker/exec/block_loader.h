#ifndef PROBESWEEP_WORKER_EXEC_BLOCK_LOADER_H_
#define PROBESWEEP_WORKER_EXEC_BLOCK_LOADER_H_

#include <cstdint>
#include <future>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "worker/checkpoint/weight_source.h"
#include "worker/model/model.h"

namespace probesweep::worker {

enum class LoadAhead {
  kNone,  // each block when it is asked for
  kOne,   // the next block is read while the present one computes: two are held
};

// Loads a model's blocks in order, one ahead of the caller. The weights are its own until it is stopped or
// destroyed. Not thread-safe; model and weights outlive it.
class BlockLoader {
 public:
  BlockLoader(const Model& model, WeightSource& weights, LoadAhead ahead)
      : model_(model), weights_(weights), ahead_(ahead) {}
  ~BlockLoader() { Stop(); }
  BlockLoader(const BlockLoader&) = delete;
  BlockLoader& operator=(const BlockLoader&) = delete;

  // Begins to read the next block, where blocks are read ahead.
  void Start();
  // The next block, once it is there. Errors: as Model::LoadBlock, and those of RunTorch.
  absl::StatusOr<std::unique_ptr<Block>> Next();
  // Waits for what is being read and drops it.
  void Stop();

  // What reading took so far, whether or not somebody waited for it.
  absl::Duration busy() const { return busy_; }

 private:
  struct Loaded {
    absl::StatusOr<std::unique_ptr<Block>> block;
    absl::Duration took;
  };
  Loaded Load(int64_t layer) const;

  const Model& model_;
  WeightSource& weights_;
  const LoadAhead ahead_;
  int64_t next_ = 0;              // layer
  std::future<Loaded> upcoming_;  // layer next_, when valid
  absl::Duration busy_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_EXEC_BLOCK_LOADER_H_
