#include "worker/model/layer_norm_block.h"

#include <ATen/ATen.h>

#include <utility>

#include "common/status.h"
#include "worker/model/last_tokens.h"

namespace probesweep::worker {
namespace {

using Mlp = std::variant<TwoLayerMlp, GatedMlp>;

struct Parts {
  Norm attention_norm;
  std::optional<Norm> mlp_norm;
  FusedAttention attention;
  Mlp mlp;
};

class LayerNormBlock : public Block {
 public:
  LayerNormBlock(BlockForm form, Parts parts) : form_(form), parts_(std::move(parts)) {}

  at::Tensor Forward(const at::Tensor& residual, const PackedLayout& layout,
                     KeyValueCache* cache) const override {
    const at::Tensor input = Before(parts_.attention_norm, residual);
    return Finish(residual, input, parts_.attention.Forward(input, layout, cache));
  }

  at::Tensor ForwardLastTokens(const at::Tensor& residual, const PackedLayout& layout) const override {
    const at::Tensor input = Before(parts_.attention_norm, residual);
    return Finish(LastTokenRows(residual, layout), LastTokenRows(input, layout),
                  parts_.attention.ForwardLastTokens(input, layout));
  }

 private:
  // What a half computes on, given what comes in.
  at::Tensor Before(const Norm& norm, const at::Tensor& x) const {
    return form_ == BlockForm::kNormAfter ? x : norm(x);
  }

  // A half's output: `computed` from `input` = Before(x), and its residual. Changes `computed`.
  at::Tensor After(const Norm& norm, at::Tensor computed, const at::Tensor& input,
                   const at::Tensor& x) const {
    computed.add_(form_ == BlockForm::kNormBeforeAndResidual ? input : x);
    return form_ == BlockForm::kNormAfter ? norm(computed) : computed;
  }

  at::Tensor RunMlp(const at::Tensor& x) const {
    return std::visit([&x](const auto& mlp) { return mlp(x); }, parts_.mlp);
  }

  // The same rows of the block's input, of what the attention computed on, and of what it computed.
  at::Tensor Finish(const at::Tensor& residual, const at::Tensor& input, at::Tensor attended) const {
    if (form_ == BlockForm::kParallel) {
      const at::Tensor mlp_input = parts_.mlp_norm ? (*parts_.mlp_norm)(residual) : input;
      return attended.add_(RunMlp(mlp_input)).add_(residual);
    }
    const at::Tensor middle = After(parts_.attention_norm, std::move(attended), input, residual);
    const at::Tensor mlp_input = Before(*parts_.mlp_norm, middle);
    return After(*parts_.mlp_norm, RunMlp(mlp_input), mlp_input, middle);
  }

  const BlockForm form_;
  const Parts parts_;
};

absl::StatusOr<Mlp> LoadMlp(WeightSource& weights, const std::string& prefix, const ModelSizes& sizes,
                            const LayerNormBlockOptions& options) {
  if (const auto* gated = std::get_if<GatedMlpOptions>(&options.mlp); gated != nullptr) {
    return LoadGatedMlp(weights, prefix + "mlp.", *gated);
  }
  return LoadTwoLayerMlp(weights, prefix, sizes, std::get<TwoLayerMlpOptions>(options.mlp));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Block>> LoadLayerNormBlock(WeightSource& weights, const std::string& prefix,
                                                          const ModelSizes& sizes,
                                                          const LayerNormBlockOptions& options) {
  PS_ASSIGN_OR_RETURN(Norm attention_norm,
                      Norm::Load(weights, prefix + options.attention_norm, sizes.hidden, options.norm));
  std::optional<Norm> mlp_norm;
  if (options.mlp_norm != nullptr) {
    PS_ASSIGN_OR_RETURN(mlp_norm, Norm::Load(weights, prefix + options.mlp_norm, sizes.hidden, options.norm));
  }
  PS_ASSIGN_OR_RETURN(FusedAttention attention,
                      FusedAttention::Load(weights, prefix, sizes, options.attention));
  PS_ASSIGN_OR_RETURN(Mlp mlp, LoadMlp(weights, prefix, sizes, options));
  return std::make_unique<LayerNormBlock>(options.form, Parts{std::move(attention_norm), std::move(mlp_norm),
                                                              std::move(attention), std::move(mlp)});
}

}  // namespace probesweep::worker
