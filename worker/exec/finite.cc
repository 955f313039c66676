#include "worker/exec/finite.h"

#include <ATen/ATen.h>

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/safetensors.h"
#include "common/status.h"
#include "worker/model/block_tensors.h"

namespace probesweep::worker {

bool AllFinite(const at::Tensor& x) {
  if (x.numel() == 0) return true;
  const auto [least, greatest] = at::aminmax(x);
  return std::isfinite(least.item<float>()) && std::isfinite(greatest.item<float>());
}

absl::Status CheckLogits(const at::Tensor& logits) {
  if (AllFinite(logits)) return absl::OkStatus();
  return absl::DataLossError(
      "the logits hold NaN or Inf although the last block's output is finite; the final norm or the "
      "unembedding is damaged");
}

absl::Status ExplainNonFinite(const Model& model, int64_t layer, WeightSource& weights) {
  for (const std::string& name : BlockTensors(model, layer, weights)) {
    PS_ASSIGN_OR_RETURN(const std::vector<int64_t> shape, weights.Shape(name));
    const absl::StatusOr<at::Tensor> tensor = weights.Read(name, shape);
    // Buffers of other types take no part in the block's arithmetic.
    if (!tensor.ok() || AllFinite(*tensor)) continue;
    return absl::DataLossError(absl::StrCat("layer ", layer, ": tensor ", QuotedTensorName(name),
                                            " holds NaN or Inf; the checkpoint is damaged"));
  }
  return absl::DataLossError(absl::StrCat("layer ", layer,
                                          ": the block's output holds NaN or Inf although the "
                                          "weights under '",
                                          model.BlockPrefix(layer),
                                          "' are finite; training has diverged, or "
                                          "an earlier tensor is damaged"));
}

}  // namespace probesweep::worker
