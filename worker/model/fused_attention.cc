#include "worker/model/fused_attention.h"

#include <ATen/ATen.h>

#include <cmath>

#include "common/status.h"
#include "worker/model/last_tokens.h"

namespace probesweep::worker {

absl::StatusOr<FusedAttention> FusedAttention::Load(WeightSource& weights, const std::string& block_prefix,
                                                    const ModelSizes& sizes,
                                                    const FusedAttentionOptions& options) {
  FusedAttention loaded(sizes, options);
  const std::string prefix = block_prefix + options.prefix;
  PS_ASSIGN_OR_RETURN(loaded.query_key_value_,
                      LoadQueryKeyValue(weights, prefix, sizes, options.query_key_value));
  PS_ASSIGN_OR_RETURN(loaded.output_, options.load_output(weights, prefix + options.output, sizes.hidden,
                                                          sizes.heads * sizes.head_dim, options.output_bias));
  PS_RETURN_IF_ERROR(loaded.LoadNorms(weights, prefix));
  // Only now: until the tensors bear it out, the number of heads is untrusted.
  if (options.alibi.has_value()) loaded.alibi_ = Alibi{AlibiSlopes(sizes.heads), *options.alibi};
  return loaded;
}

absl::Status FusedAttention::LoadNorms(WeightSource& weights, const std::string& prefix) {
  if (options_.norms == HeadNorms::kNone) return absl::OkStatus();
  const auto load = [&](const char* name, int64_t heads) {
    return options_.norms == HeadNorms::kShared
               ? LoadSharedHeadNorm(weights, prefix + name, sizes_.head_dim, options_.norm_epsilon)
               : LoadOwnHeadNorms(weights, prefix + name, heads, sizes_.head_dim, options_.norm_epsilon);
  };
  PS_ASSIGN_OR_RETURN(query_norm_, load("q_layernorm", sizes_.heads));
  PS_ASSIGN_OR_RETURN(key_norm_, load("k_layernorm", sizes_.key_value_heads));
  return absl::OkStatus();
}

at::Tensor FusedAttention::Forward(const at::Tensor& x, const PackedLayout& layout,
                                   KeyValueCache* cache) const {
  const Projected in = Project(x, layout);
  return output_(CausalAttention(in.query, in.key, in.value, Rule(), layout, cache));
}

at::Tensor FusedAttention::ForwardLastTokens(const at::Tensor& x, const PackedLayout& layout) const {
  const Projected in = Project(x, layout);
  const at::Tensor query = LastTokenRows(in.query, layout);
  return output_(CausalAttentionOfLastTokens(query, in.key, in.value, Rule(), layout));
}

FusedAttention::Projected FusedAttention::Project(const at::Tensor& x, const PackedLayout& layout) const {
  const int64_t heads = sizes_.heads, shared = sizes_.key_value_heads;
  const at::Tensor all = query_key_value_(x).view({x.size(0), heads + 2 * shared, sizes_.head_dim});
  Projected parts{all.narrow(1, 0, heads), all.narrow(1, heads, shared),
                  all.narrow(1, heads + shared, shared)};
  if (options_.norms != HeadNorms::kNone) {
    parts.query = query_norm_(parts.query);
    parts.key = key_norm_(parts.key);
  }
  ApplyRotary(options_.rotary, layout, parts.query);
  ApplyRotary(options_.rotary, layout, parts.key);
  return parts;
}

AttentionOptions FusedAttention::Rule() const {
  AttentionOptions rule;
  rule.scale = 1.0 / options_.score_divisor;
  if (options_.scaled) rule.scale /= std::sqrt(static_cast<double>(sizes_.head_dim));
  if (alibi_.has_value()) rule.alibi = &*alibi_;
  return rule;
}

}  // namespace probesweep::worker
