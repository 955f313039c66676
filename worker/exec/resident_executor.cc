#include "worker/exec/resident_executor.h"

#include <ATen/ATen.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/exec/finite.h"
#include "worker/exec/steering_directions.h"
#include "worker/exec/torch_boundary.h"
#include "worker/model/key_value_cache.h"

namespace probesweep::worker {

ResidentExecutor::~ResidentExecutor() = default;

absl::StatusOr<std::unique_ptr<ResidentExecutor>> ResidentExecutor::Load(const Model& model,
                                                                         WeightSource& weights) {
  std::unique_ptr<ResidentExecutor> executor(new ResidentExecutor(model, weights));
  PS_RETURN_IF_ERROR(RunTorch([&] { return executor->LoadAll(); }));
  return executor;
}

absl::Status ResidentExecutor::LoadAll() {
  absl::MutexLock lock(&mutex_);
  PS_ASSIGN_OR_RETURN(embedding_, model_.LoadEmbedding(weights_));
  for (int64_t layer = 0; layer < model_.layers(); ++layer) {
    PS_ASSIGN_OR_RETURN(std::unique_ptr<Block> block, model_.LoadBlock(weights_, layer));
    blocks_.push_back(std::move(block));
  }
  PS_ASSIGN_OR_RETURN(head_, model_.LoadHead(weights_));
  return absl::OkStatus();
}

absl::StatusOr<at::Tensor> ResidentExecutor::Forward(const ResidentInput& input,
                                                     const SteeringDirections& steering) const {
  const at::Tensor ids = at::tensor(input.ids, at::TensorOptions().dtype(at::kLong));
  at::Tensor residual = embedding_->Forward(ids, input.layout);
  for (size_t layer = 0; layer < blocks_.size(); ++layer) {
    KeyValueCache* const cache = input.caches == nullptr ? nullptr : &(*input.caches)[layer];
    residual = blocks_[layer]->Forward(residual, input.layout, cache);
    steering.Apply(static_cast<int64_t>(layer), input.layout, residual);
    if (!AllFinite(residual)) return Explain(static_cast<int64_t>(layer), !steering.empty());
  }
  return residual;
}

absl::StatusOr<at::Tensor> ResidentExecutor::Logits(const at::Tensor& residual) const {
  at::Tensor logits = head_->Forward(residual);
  PS_RETURN_IF_ERROR(CheckLogits(logits));
  return logits;
}

absl::Status ResidentExecutor::Explain(int64_t layer, bool steered) const {
  absl::MutexLock lock(&mutex_);
  absl::Status reason = ExplainNonFinite(model_, layer, weights_);
  return steered ? Annotate(reason, "while steering (or alpha is too large)") : reason;
}

}  // namespace probesweep::worker
