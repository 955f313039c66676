#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/model/layer_norm_family.h"
#include "worker/model/layer_norm_model.h"

namespace probesweep::worker {
namespace {

LayerNormModelOptions FalconOptions() {
  LayerNormModelOptions options;
  options.naming.base_prefix = "transformer.";
  options.blocks = "transformer.h.";
  options.naming.unused_suffixes = {"maybe_rotary.inv_freq", "rotary_emb.inv_freq"};
  options.embedding.tokens = "transformer.word_embeddings";
  options.unembedding.norm = "transformer.ln_f";
  options.block.attention.prefix = "self_attention.";
  options.block.attention.query_key_value.form = QueryKeyValueForm::kGrouped;
  return options;
}

// How many heads have keys and values: a number of their own in the newer form, else one or all.
absl::Status ReadSharing(const ConfigFile& file, bool newer, ModelSizes& sizes) {
  // Null is false, and no field true.
  PS_ASSIGN_OR_RETURN(const bool one, file.BoolOr({"multi_query"}, !file.IsNull("multi_query")));
  if (!newer && one) {
    sizes.key_value_heads = 1;
    return absl::OkStatus();
  }
  PS_RETURN_IF_ERROR(ReadKeyValueHeads(file, "num_kv_heads", sizes.heads, sizes));
  if (newer || sizes.key_value_heads == sizes.heads) return absl::OkStatus();
  return file.NotImplemented("num_kv_heads", absl::StrCat(sizes.key_value_heads),
                             absl::StrCat(sizes.heads,
                                          ", one for each head, without `multi_query` and "
                                          "`new_decoder_architecture`"));
}

// Which norms there are, and what the MLP computes on.
absl::Status ReadForm(const ConfigFile& file, bool newer, LayerNormBlockOptions& block) {
  // Null is false, and no field true.
  PS_ASSIGN_OR_RETURN(const bool parallel, file.BoolOr({"parallel_attn"}, !file.IsNull("parallel_attn")));
  PS_ASSIGN_OR_RETURN(const int64_t norms, SizeOr(file, {"num_ln_in_parallel_attn"}, newer ? 2 : 1));
  // Transformers makes norms for these, and then fails to find those that it needs.
  if (newer && !parallel) return file.NotImplemented("parallel_attn", "false", "true");
  if (parallel && norms > (newer ? 2 : 1)) {
    return file.NotImplemented("num_ln_in_parallel_attn", absl::StrCat(norms), newer ? "1, 2" : "1");
  }
  block.form = parallel ? BlockForm::kParallel : BlockForm::kNormBefore;
  if (!parallel) return absl::OkStatus();
  block.attention_norm = norms == 2 ? "ln_attn" : "input_layernorm";
  block.mlp_norm = norms == 2 ? "ln_mlp" : nullptr;
  return absl::OkStatus();
}

absl::Status ReadPositions(const ConfigFile& file, const ModelSizes& sizes,
                           FusedAttentionOptions& attention) {
  PS_ASSIGN_OR_RETURN(const bool linear_biases, file.BoolOr({"alibi"}, false));
  if (!linear_biases) {
    PS_ASSIGN_OR_RETURN(attention.rotary, ReadWholeRotary(file, sizes.head_dim));
    return absl::OkStatus();
  }
  // As transformers has them for a model in fp32 too: in bf16, and divided as the scores are.
  attention.alibi = AlibiOptions{true, std::sqrt(static_cast<double>(sizes.head_dim))};
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> CreateFalcon(const ConfigFile& file) {
  LayerNormModelOptions options = FalconOptions();
  // The older name counts where both are there.
  const char* const width = file.Has({"n_embed"}) ? "n_embed" : "hidden_size";
  PS_ASSIGN_OR_RETURN(options.sizes,
                      ReadModelSizes(file, {{"num_hidden_layers"}, {width}, {"num_attention_heads"}}));
  PS_ASSIGN_OR_RETURN(options.sizes.intermediate,
                      SizeOr(file, {"ffn_hidden_size"}, 4 * options.sizes.hidden));
  PS_ASSIGN_OR_RETURN(const bool newer, file.BoolOr({"new_decoder_architecture"}, false));
  PS_RETURN_IF_ERROR(ReadSharing(file, newer, options.sizes));
  PS_RETURN_IF_ERROR(ReadForm(file, newer, options.block));
  PS_RETURN_IF_ERROR(ReadPositions(file, options.sizes, options.block.attention));
  PS_RETURN_IF_ERROR(ReadNorms(file, "layer_norm_epsilon", options));
  PS_ASSIGN_OR_RETURN(options.naming.tied, file.BoolOr({"tie_word_embeddings"}, true));
  PS_ASSIGN_OR_RETURN(const bool biased, file.BoolOr({"bias"}, false));
  TwoLayerMlpOptions mlp;
  mlp.bias = biased ? Bias::kRequired : Bias::kNone;
  options.block.attention.query_key_value.bias = options.block.attention.output_bias = mlp.bias;
  PS_ASSIGN_OR_RETURN(mlp.activation, ReadActivation(file, {"activation"}, "gelu"));
  options.block.mlp = mlp;
  return CreateLayerNormModel(options);
}

}  // namespace probesweep::worker
