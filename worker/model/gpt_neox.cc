#include "common/status.h"
#include "worker/model/layer_norm_family.h"
#include "worker/model/layer_norm_model.h"

namespace probesweep::worker {
namespace {

absl::Status ReadAttention(const ConfigFile& file, const ModelSizes& sizes,
                           FusedAttentionOptions& attention) {
  attention.prefix = "attention.";
  attention.query_key_value.form = QueryKeyValueForm::kGrouped;
  PS_ASSIGN_OR_RETURN(const bool biased, file.BoolOr({"attention_bias"}, true));
  attention.query_key_value.bias = attention.output_bias = biased ? Bias::kRequired : Bias::kNone;
  PS_RETURN_IF_ERROR(RefuseOtherHeadDim(file, sizes));
  RotaryFields fields{"rotary_pct", "rotary_emb_base", 0.25};
  fields.odd_gets_one_more = true;
  PS_ASSIGN_OR_RETURN(attention.rotary, ReadRotary(file, sizes.head_dim, fields));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> CreateGptNeox(const ConfigFile& file) {
  LayerNormModelOptions options;
  options.naming.base_prefix = "gpt_neox.";
  options.blocks = "gpt_neox.layers.";
  options.naming.unused_suffixes = {"attention.bias", "attention.masked_bias", "rotary_emb.inv_freq"};
  // As transformers 5 calls it in memory.
  options.naming.stored_parts["embed_out.weight"] = {"lm_head.weight"};
  options.embedding.tokens = "gpt_neox.embed_in";
  options.unembedding.norm = "gpt_neox.final_layer_norm";
  options.unembedding.unembedding = "embed_out";
  PS_ASSIGN_OR_RETURN(options.sizes, ReadModelSizes(file));
  PS_ASSIGN_OR_RETURN(options.sizes.intermediate, file.Size({"intermediate_size"}));
  PS_RETURN_IF_ERROR(ReadNorms(file, "layer_norm_eps", options));
  PS_ASSIGN_OR_RETURN(options.naming.tied, file.BoolOr({"tie_word_embeddings"}, false));
  PS_ASSIGN_OR_RETURN(const bool parallel, file.BoolOr({"use_parallel_residual"}, true));
  options.block.form = parallel ? BlockForm::kParallel : BlockForm::kNormBefore;
  PS_RETURN_IF_ERROR(ReadAttention(file, options.sizes, options.block.attention));
  TwoLayerMlpOptions mlp;
  PS_ASSIGN_OR_RETURN(mlp.activation, ReadActivation(file, {"hidden_act"}, "gelu"));
  options.block.mlp = mlp;
  return CreateLayerNormModel(options);
}

}  // namespace probesweep::worker
