#include "worker/model/sequential_block.h"

#include <ATen/ATen.h>

#include <utility>

#include "worker/model/last_tokens.h"

namespace probesweep::worker {
namespace {

// What a half of the block computes on, given what comes in.
at::Tensor Before(NormPlace place, const LayerNorm& norm, const at::Tensor& x) {
  return place == NormPlace::kAfter ? x : norm(x);
}

// A half's output: `computed` from `input` = Before(x), and its residual. Changes `computed`.
at::Tensor After(NormPlace place, const LayerNorm& norm, at::Tensor computed, const at::Tensor& input,
                 const at::Tensor& x) {
  computed.add_(place == NormPlace::kBeforeAndResidual ? input : x);
  return place == NormPlace::kAfter ? norm(computed) : computed;
}

}  // namespace

SequentialBlock::SequentialBlock(const SequentialBlockOptions& options, SequentialBlockWeights weights)
    : options_(options), weights_(std::move(weights)) {}

at::Tensor SequentialBlock::Forward(const at::Tensor& residual, const PackedLayout& layout,
                                    KeyValueCache* cache) const {
  const Attended in = Project(residual);
  return Finish(in.input, residual, CausalAttention(in.query, in.key, in.value, Rule(), layout, cache));
}

at::Tensor SequentialBlock::ForwardLastTokens(const at::Tensor& residual, const PackedLayout& layout) const {
  const Attended in = Project(residual);
  const at::Tensor mixed =
      CausalAttentionOfLastTokens(LastTokenRows(in.query, layout), in.key, in.value, Rule(), layout);
  return Finish(LastTokenRows(in.input, layout), LastTokenRows(residual, layout), mixed);
}

AttentionOptions SequentialBlock::Rule() const {
  AttentionOptions rule;
  rule.scale = options_.scale;
  if (weights_.alibi.defined()) rule.alibi = &weights_.alibi;
  return rule;
}

SequentialBlock::Attended SequentialBlock::Project(const at::Tensor& residual) const {
  const at::Tensor input = Before(options_.norm_place, weights_.attention_norm, residual);
  const int64_t heads = options_.heads;
  const at::Tensor all =
      weights_.query_key_value(input).view({input.size(0), 3 * heads, input.size(1) / heads});
  return {input, all.narrow(1, 0, heads), all.narrow(1, heads, heads), all.narrow(1, 2 * heads, heads)};
}

at::Tensor SequentialBlock::Finish(const at::Tensor& input, const at::Tensor& residual,
                                   const at::Tensor& mixed) const {
  const NormPlace place = options_.norm_place;
  const at::Tensor middle = After(place, weights_.attention_norm, weights_.dense(mixed), input, residual);
  const at::Tensor mlp_input = Before(place, weights_.mlp_norm, middle);
  at::Tensor mlp = weights_.down(options_.activation(weights_.up(mlp_input)));
  return After(place, weights_.mlp_norm, std::move(mlp), mlp_input, middle);
}

}  // namespace probesweep::worker
