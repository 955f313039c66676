// A model whose weights all stay in memory: what generation and scoring run on.
#ifndef PROBESWEEP_WORKER_EXEC_RESIDENT_EXECUTOR_H_
#define PROBESWEEP_WORKER_EXEC_RESIDENT_EXECUTOR_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "worker/checkpoint/weight_source.h"
#include "worker/model/model.h"
#include "worker/model/packed_layout.h"

namespace probesweep::worker {

class SteeringDirections;

// One forward pass: tokens of several statements side by side, without padding.
struct ResidentInput {
  std::vector<int64_t> ids;  // in the layout's order; each as CheckTokenIds wants it
  PackedLayout layout;
  std::vector<KeyValueCache>* caches = nullptr;  // null, or one for each block: see Block::Forward
};

// The same blocks that the layer-wise executor streams. A statement's results do not depend on those beside
// it but for the rounding of fp32: a matrix product may sum in another order when it has other rows. The same
// layout gives the same bits. Thread-safe; model and weights outlive it.
class ResidentExecutor {
 public:
  // Reads every weight, once. Errors: as WeightSource::Read, and those of RunTorch.
  static absl::StatusOr<std::unique_ptr<ResidentExecutor>> Load(const Model& model, WeightSource& weights);
  ~ResidentExecutor();
  ResidentExecutor(const ResidentExecutor&) = delete;
  ResidentExecutor& operator=(const ResidentExecutor&) = delete;

  // The residual stream after the last block, steered: fp32 [tokens, hidden]. Errors: DATA_LOSS when an
  // activation is not finite, naming layer and tensor; a steering too strong does that too. Torch's
  // exceptions are the caller's to catch (RunTorch).
  absl::StatusOr<at::Tensor> Forward(const ResidentInput& input, const SteeringDirections& steering) const;

  // `residual`: rows of Forward's result, fp32 [rows, hidden]. Returns fp32 [rows, vocab]. Errors: DATA_LOSS
  // when one is not finite.
  absl::StatusOr<at::Tensor> Logits(const at::Tensor& residual) const;

  const Model& model() const { return model_; }

 private:
  ResidentExecutor(const Model& model, WeightSource& weights) : model_(model), weights_(weights) {}
  absl::Status LoadAll();
  absl::Status Explain(int64_t layer, bool steered) const;

  const Model& model_;
  // Held only to say why a pass failed: a source is for one thread at a time.
  mutable absl::Mutex mutex_;
  WeightSource& weights_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Embedding> embedding_;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::unique_ptr<Head> head_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_EXEC_RESIDENT_EXECUTOR_H_
