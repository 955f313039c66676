#include <ATen/ATen.h>

#include "common/status.h"
#include "worker/model/layer_norm_family.h"
#include "worker/model/layer_norm_model.h"

namespace probesweep::worker {
namespace {

at::Tensor GeluTanh(at::Tensor x) { return at::gelu_(x, "tanh"); }

LayerNormModelOptions BloomOptions() {
  LayerNormModelOptions options;
  options.naming.base_prefix = "transformer.";
  options.blocks = "transformer.h.";
  options.naming.unused_suffixes = {"attn.masked_bias"};
  options.embedding.tokens = "transformer.word_embeddings";
  options.embedding.norm = "transformer.word_embeddings_layernorm";
  options.unembedding.norm = "transformer.ln_f";
  options.block.attention.prefix = "self_attention.";
  options.block.attention.alibi.emplace();
  options.block.attention.query_key_value.form = QueryKeyValueForm::kGrouped;
  TwoLayerMlpOptions mlp;
  mlp.activation = GeluTanh;
  options.block.mlp = mlp;
  return options;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> CreateBloom(const ConfigFile& file) {
  LayerNormModelOptions options = BloomOptions();
  // The older name counts where both are there.
  const char* const width = file.Has({"n_embed"}) ? "n_embed" : "hidden_size";
  PS_ASSIGN_OR_RETURN(
      options.sizes,
      ReadModelSizes(file, {{"n_layer", "num_hidden_layers"}, {width}, {"n_head", "num_attention_heads"}}));
  options.sizes.intermediate = 4 * options.sizes.hidden;
  PS_RETURN_IF_ERROR(ReadNorms(file, "layer_norm_epsilon", options));
  PS_ASSIGN_OR_RETURN(const bool from_norm, file.BoolOr({"apply_residual_connection_post_layernorm"}, false));
  options.block.form = from_norm ? BlockForm::kNormBeforeAndResidual : BlockForm::kNormBefore;
  PS_ASSIGN_OR_RETURN(options.naming.tied, file.BoolOr({"tie_word_embeddings"}, true));
  PS_ASSIGN_OR_RETURN(const bool sliced, file.BoolOr({"slow_but_exact"}, false));
  PS_ASSIGN_OR_RETURN(const double slices, file.NumberOr({"pretraining_tp"}, 1));
  // That path of transformers sums the products slice by slice, and leaves out their biases.
  if (sliced && slices > 1) return file.NotImplemented("slow_but_exact", "true", "false");
  return CreateLayerNormModel(options);
}

}  // namespace probesweep::worker
