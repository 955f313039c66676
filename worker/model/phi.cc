#include "common/status.h"
#include "worker/model/layer_norm_family.h"
#include "worker/model/layer_norm_model.h"

namespace probesweep::worker {

absl::StatusOr<std::unique_ptr<Model>> CreatePhi(const ConfigFile& file) {
  LayerNormModelOptions options;
  options.naming.base_prefix = "model.";
  options.blocks = "model.layers.";
  options.naming.unused_suffixes = {"rotary_emb.inv_freq"};
  options.embedding.tokens = "model.embed_tokens";
  options.unembedding.norm = "model.final_layernorm";
  options.unembedding.bias = Bias::kRequired;
  options.block.form = BlockForm::kParallel;
  options.block.mlp_norm = nullptr;
  PS_ASSIGN_OR_RETURN(options.sizes, ReadModelSizes(file));
  PS_ASSIGN_OR_RETURN(options.sizes.intermediate, file.Size({"intermediate_size"}));
  PS_RETURN_IF_ERROR(ReadKeyValueHeads(file, "num_key_value_heads", options.sizes.heads, options.sizes));
  PS_ASSIGN_OR_RETURN(options.sizes.head_dim, SizeOr(file, {"head_dim"}, options.sizes.head_dim));
  PS_RETURN_IF_ERROR(ReadNorms(file, "layer_norm_eps", options));
  PS_ASSIGN_OR_RETURN(options.naming.tied, file.BoolOr({"tie_word_embeddings"}, false));
  FusedAttentionOptions& attention = options.block.attention;
  PS_ASSIGN_OR_RETURN(const bool normed, file.BoolOr({"qk_layernorm"}, false));
  if (normed) attention.norms = HeadNorms::kShared;
  RotaryFields fields;
  fields.default_share = 0.5;
  PS_ASSIGN_OR_RETURN(attention.rotary, ReadRotary(file, options.sizes.head_dim, fields));
  TwoLayerMlpOptions mlp;
  mlp.up = "mlp.fc1";
  mlp.down = "mlp.fc2";
  PS_ASSIGN_OR_RETURN(mlp.activation, ReadActivation(file, {"hidden_act"}, "gelu_new"));
  options.block.mlp = mlp;
  return CreateLayerNormModel(options);
}

}  // namespace probesweep::worker
