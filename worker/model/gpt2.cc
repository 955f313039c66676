#include <ATen/ATen.h>

#include "common/status.h"
#include "worker/model/layer_norm_family.h"
#include "worker/model/layer_norm_model.h"

namespace probesweep::worker {
namespace {

// A linear map whose weight is stored as [in, out].
absl::StatusOr<Linear> LoadConv1D(WeightSource& weights, const std::string& prefix, int64_t out, int64_t in,
                                  Bias) {
  Linear linear;
  PS_ASSIGN_OR_RETURN(const at::Tensor weight, weights.Read(prefix + ".weight", {in, out}));
  linear.weight = weight.t();
  PS_ASSIGN_OR_RETURN(linear.bias, weights.Read(prefix + ".bias", {out}));
  return linear;
}

LayerNormModelOptions Gpt2Options() {
  LayerNormModelOptions options;
  options.naming.base_prefix = "transformer.";
  options.blocks = "transformer.h.";
  options.naming.unused_suffixes = {"attn.bias", "attn.masked_bias"};
  options.embedding.tokens = "transformer.wte";
  options.embedding.positions = "transformer.wpe";
  options.unembedding.norm = "transformer.ln_f";
  options.block.attention_norm = "ln_1";
  options.block.mlp_norm = "ln_2";
  FusedAttentionOptions& attention = options.block.attention;
  attention.prefix = "attn.";
  attention.query_key_value.form = QueryKeyValueForm::kStacked;
  attention.query_key_value.name = "c_attn";
  attention.output = "c_proj";
  attention.query_key_value.load = attention.load_output = LoadConv1D;
  return options;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> CreateGpt2(const ConfigFile& file) {
  LayerNormModelOptions options = Gpt2Options();
  PS_ASSIGN_OR_RETURN(options.sizes, ReadModelSizes(file, {{"n_layer", "num_hidden_layers"},
                                                           {"n_embd", "hidden_size"},
                                                           {"n_head", "num_attention_heads"}}));
  PS_ASSIGN_OR_RETURN(options.sizes.intermediate, SizeOr(file, {"n_inner"}, 4 * options.sizes.hidden));
  PS_ASSIGN_OR_RETURN(options.embedding.position_count,
                      SizeOr(file, {"n_positions", "max_position_embeddings"}, 1024));
  PS_RETURN_IF_ERROR(ReadNorms(file, "layer_norm_epsilon", options));
  PS_ASSIGN_OR_RETURN(options.naming.tied, file.BoolOr({"tie_word_embeddings"}, true));
  PS_ASSIGN_OR_RETURN(options.block.attention.scaled, file.BoolOr({"scale_attn_weights"}, true));
  PS_ASSIGN_OR_RETURN(options.scores_by_layer, file.BoolOr({"scale_attn_by_inverse_layer_idx"}, false));
  PS_ASSIGN_OR_RETURN(const bool crossed, file.BoolOr({"add_cross_attention"}, false));
  if (crossed) return file.NotImplemented("add_cross_attention", "true", "false");
  TwoLayerMlpOptions mlp;
  mlp.up = "mlp.c_fc";
  mlp.down = "mlp.c_proj";
  mlp.load = LoadConv1D;
  PS_ASSIGN_OR_RETURN(mlp.activation, ReadActivation(file, {"activation_function"}, "gelu_new"));
  options.block.mlp = mlp;
  return CreateLayerNormModel(options);
}

}  // namespace probesweep::worker
