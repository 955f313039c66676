#include "worker/exec/activations.h"

#include <ATen/ATen.h>

#include "common/status.h"
#include "worker/exec/finite.h"
#include "worker/exec/layerwise_executor.h"
#include "worker/exec/torch_boundary.h"

namespace probesweep::worker {
namespace {

using Prompts = std::vector<std::vector<int64_t>>;

void AppendBytes(const at::Tensor& values, std::string& bytes) {
  const at::Tensor whole = values.contiguous();
  bytes.append(static_cast<const char*>(whole.data_ptr()), whole.nbytes());
}

// A packed tensor's rows of a prompt's tokens.
at::Tensor RowsOf(const Pack& pack, const at::Tensor& packed, size_t prompt) {
  const absl::Span<const int64_t> rows = pack.RowsOf(pack.slot[prompt]);
  return packed.index_select(0, at::tensor(at::IntArrayRef(rows.data(), rows.size())));
}

absl::Status Compute(const Model& model, WeightSource& weights, const Prompts& prompts, bool logits,
                     ComputePool* pool, std::vector<PromptActivations>& result) {
  PS_ASSIGN_OR_RETURN(const auto executor,
                      LayerwiseExecutor::Start(model, weights, {BuildPack(prompts, PackOptionsFor(model))},
                                               {LastBlockRows::kAll}, pool));
  const Pack& pack = executor->pack(0);
  for (int64_t layer = 0; layer < model.layers(); ++layer) {
    PS_RETURN_IF_ERROR(executor->LoadNextBlock());
    PS_RETURN_IF_ERROR(executor->RunBlock([] { return false; }));
    for (size_t i = 0; i < prompts.size(); ++i) {
      AppendBytes(RowsOf(pack, executor->Residual(0), i), result[i].block_outputs);
    }
  }
  if (!logits) return absl::OkStatus();
  PS_ASSIGN_OR_RETURN(const std::unique_ptr<Head> head, model.LoadHead(weights));
  for (size_t i = 0; i < prompts.size(); ++i) {
    const at::Tensor of_prompt = head->Forward(RowsOf(pack, executor->Residual(0), i));
    PS_RETURN_IF_ERROR(CheckLogits(of_prompt));
    AppendBytes(of_prompt, result[i].logits);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<PromptActivations>> ComputeActivations(const Model& model, WeightSource& weights,
                                                                  const Prompts& prompts, bool logits,
                                                                  ComputePool* pool) {
  std::vector<PromptActivations> result(prompts.size());
  PS_RETURN_IF_ERROR(RunTorch([&] { return Compute(model, weights, prompts, logits, pool, result); }));
  return result;
}

}  // namespace probesweep::worker
