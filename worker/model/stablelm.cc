#include "common/status.h"
#include "worker/model/layer_norm_family.h"
#include "worker/model/layer_norm_model.h"

namespace probesweep::worker {
namespace {

constexpr int64_t kKeyValueHeads = 32;  // without the field, however many heads there are

absl::Status ReadAttention(const ConfigFile& file, const ModelSizes& sizes,
                           FusedAttentionOptions& attention) {
  attention.output = "o_proj";
  attention.output_bias = Bias::kNone;
  PS_ASSIGN_OR_RETURN(const bool biased, file.BoolOr({"use_qkv_bias"}, false));
  attention.query_key_value.bias = biased ? Bias::kRequired : Bias::kNone;
  PS_ASSIGN_OR_RETURN(const bool normed, file.BoolOr({"qk_layernorm"}, false));
  if (normed) attention.norms = HeadNorms::kOwn;
  PS_RETURN_IF_ERROR(RefuseOtherHeadDim(file, sizes));
  RotaryFields fields;
  fields.default_share = 0.25;
  PS_ASSIGN_OR_RETURN(attention.rotary, ReadRotary(file, sizes.head_dim, fields));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> CreateStableLm(const ConfigFile& file) {
  LayerNormModelOptions options;
  options.naming.base_prefix = "model.";
  options.blocks = "model.layers.";
  options.naming.unused_suffixes = {"rotary_emb.inv_freq"};
  options.embedding.tokens = "model.embed_tokens";
  options.unembedding.norm = "model.norm";
  PS_ASSIGN_OR_RETURN(options.sizes, ReadModelSizes(file));
  PS_RETURN_IF_ERROR(ReadKeyValueHeads(file, "num_key_value_heads", kKeyValueHeads, options.sizes));
  PS_RETURN_IF_ERROR(ReadNorms(file, "layer_norm_eps", options));
  PS_ASSIGN_OR_RETURN(options.naming.tied, file.BoolOr({"tie_word_embeddings"}, false));
  PS_ASSIGN_OR_RETURN(const bool parallel, file.BoolOr({"use_parallel_residual"}, false));
  if (parallel) {
    options.block.form = BlockForm::kParallel;
    options.block.mlp_norm = nullptr;
  }
  PS_RETURN_IF_ERROR(ReadAttention(file, options.sizes, options.block.attention));
  GatedMlpOptions mlp;
  mlp.hidden = options.sizes.hidden;
  PS_ASSIGN_OR_RETURN(mlp.intermediate, file.Size({"intermediate_size"}));
  PS_ASSIGN_OR_RETURN(mlp.activation, ReadActivation(file, {"hidden_act"}, "silu"));
  options.block.mlp = mlp;
  return CreateLayerNormModel(options);
}

}  // namespace probesweep::worker
