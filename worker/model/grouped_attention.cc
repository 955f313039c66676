#include "worker/model/grouped_attention.h"

#include <ATen/ATen.h>

#include <cmath>

#include "common/status.h"
#include "worker/model/last_tokens.h"

namespace probesweep::worker {

absl::StatusOr<GroupedAttention> GroupedAttention::Load(WeightSource& weights, const std::string& prefix,
                                                        const GroupedAttentionOptions& options) {
  GroupedAttention loaded(options);
  const int64_t queries = options.heads * options.head_dim;
  const int64_t keys = options.key_value_heads * options.head_dim;
  const Bias bias = options.projection_bias ? Bias::kRequired : Bias::kNone;
  const Bias output_bias = options.output_bias ? Bias::kRequired : Bias::kNone;
  PS_ASSIGN_OR_RETURN(loaded.query_, LoadLinear(weights, prefix + "q_proj", queries, options.hidden, bias));
  PS_ASSIGN_OR_RETURN(loaded.key_, LoadLinear(weights, prefix + "k_proj", keys, options.hidden, bias));
  PS_ASSIGN_OR_RETURN(loaded.value_, LoadLinear(weights, prefix + "v_proj", keys, options.hidden, bias));
  PS_ASSIGN_OR_RETURN(loaded.output_,
                      LoadLinear(weights, prefix + "o_proj", options.hidden, queries, output_bias));
  PS_RETURN_IF_ERROR(loaded.LoadNorms(weights, prefix));
  return loaded;
}

absl::Status GroupedAttention::LoadNorms(WeightSource& weights, const std::string& prefix) {
  if (options_.norm == QueryKeyNorm::kNone) return absl::OkStatus();
  const bool all = options_.norm == QueryKeyNorm::kAllHeads;
  const int64_t queries = options_.head_dim * (all ? options_.heads : 1);
  const int64_t keys = options_.head_dim * (all ? options_.key_value_heads : 1);
  PS_ASSIGN_OR_RETURN(query_norm_, Norm::Load(weights, prefix + "q_norm", queries, options_.norm_form));
  PS_ASSIGN_OR_RETURN(key_norm_, Norm::Load(weights, prefix + "k_norm", keys, options_.norm_form));
  return absl::OkStatus();
}

at::Tensor GroupedAttention::Forward(const at::Tensor& x, const PackedLayout& layout,
                                     KeyValueCache* cache) const {
  const Projected in = Project(x, layout);
  return output_(CausalAttention(in.query, in.key, in.value, Rule(), layout, cache));
}

at::Tensor GroupedAttention::ForwardLastTokens(const at::Tensor& x, const PackedLayout& layout) const {
  const Projected in = Project(x, layout);
  return output_(
      CausalAttentionOfLastTokens(LastTokenRows(in.query, layout), in.key, in.value, Rule(), layout));
}

GroupedAttention::Projected GroupedAttention::Project(const at::Tensor& x, const PackedLayout& layout) const {
  Projected parts{Heads(x, query_, &query_norm_), Heads(x, key_, &key_norm_), Heads(x, value_, nullptr)};
  ApplyRotary(options_.rotary, layout, parts.query);
  ApplyRotary(options_.rotary, layout, parts.key);
  return parts;
}

at::Tensor GroupedAttention::Heads(const at::Tensor& x, const Linear& projection, const Norm* norm) const {
  at::Tensor all = projection(x);  // [tokens, heads · head_dim]
  const auto clip = [&](bool now) {
    if (now && options_.clip.has_value()) all.clamp_(-*options_.clip, *options_.clip);
  };
  clip(!options_.clip_normed);
  if (norm != nullptr && options_.norm == QueryKeyNorm::kAllHeads) all = (*norm)(all);
  clip(options_.clip_normed);
  const at::Tensor heads = all.view({x.size(0), -1, options_.head_dim});
  return norm != nullptr && options_.norm == QueryKeyNorm::kEachHead ? (*norm)(heads) : heads;
}

AttentionOptions GroupedAttention::Rule() const {
  AttentionOptions rule;
  rule.scale = 1.0 / std::sqrt(static_cast<double>(options_.head_dim));
  rule.window = options_.window;
  return rule;
}

}  // namespace probesweep::worker
