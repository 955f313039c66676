#include "common/status.h"
#include "worker/model/layer_norm_family.h"
#include "worker/model/layer_norm_model.h"

namespace probesweep::worker {
namespace {

// Rows of the table of positions before the first: left over from where fairseq put its padding.
constexpr int64_t kPositionOffset = 2;
constexpr double kNormEpsilon = 1e-5;  // no field of the configuration

LayerNormModelOptions OptOptions() {
  LayerNormModelOptions options;
  options.naming.base_prefix = "model.";
  options.blocks = "model.decoder.layers.";
  options.naming.unused_suffixes = {"decoder.version"};
  options.embedding.tokens = "model.decoder.embed_tokens";
  options.embedding.positions = "model.decoder.embed_positions";
  options.embedding.position_offset = kPositionOffset;
  options.block.attention_norm = "self_attn_layer_norm";
  options.block.mlp_norm = "final_layer_norm";
  options.block.attention.output = "out_proj";
  return options;
}

absl::Status ReadSizes(const ConfigFile& file, LayerNormModelOptions& options) {
  PS_ASSIGN_OR_RETURN(options.sizes, ReadModelSizes(file));
  PS_ASSIGN_OR_RETURN(options.sizes.intermediate, file.Size({"ffn_dim"}));
  PS_ASSIGN_OR_RETURN(options.embedding.position_count, file.Size({"max_position_embeddings"}));
  PS_ASSIGN_OR_RETURN(const int64_t width, SizeOr(file, {"word_embed_proj_dim"}, options.sizes.hidden));
  options.embedding.width = options.unembedding.width = width;
  if (width != options.sizes.hidden) {
    options.embedding.projection = "model.decoder.project_in";
    options.unembedding.projection = "model.decoder.project_out";
  }
  return absl::OkStatus();
}

absl::Status ReadOptNorms(const ConfigFile& file, LayerNormModelOptions& options) {
  PS_ASSIGN_OR_RETURN(const bool before, file.BoolOr({"do_layer_norm_before"}, true));
  PS_ASSIGN_OR_RETURN(const bool removed, file.BoolOr({"_remove_final_layer_norm"}, false));
  NormOptions norm{NormForm::kLayer, kNormEpsilon};
  PS_ASSIGN_OR_RETURN(norm.weighted, file.BoolOr({"layer_norm_elementwise_affine"}, true));
  norm.biased = norm.weighted;
  SetNorms(norm, options);
  options.block.form = before ? BlockForm::kNormBefore : BlockForm::kNormAfter;
  if (before && !removed) options.unembedding.norm = "model.decoder.final_layer_norm";
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> CreateOpt(const ConfigFile& file) {
  LayerNormModelOptions options = OptOptions();
  PS_RETURN_IF_ERROR(ReadSizes(file, options));
  PS_RETURN_IF_ERROR(ReadOptNorms(file, options));
  PS_ASSIGN_OR_RETURN(options.naming.tied, file.BoolOr({"tie_word_embeddings"}, true));
  // A bias that the configuration denies is not read even when it is stored.
  PS_ASSIGN_OR_RETURN(const bool biased, file.BoolOr({"enable_bias"}, true));
  const Bias bias = biased ? Bias::kRequired : Bias::kNone;
  options.block.attention.query_key_value.bias = options.block.attention.output_bias = bias;
  TwoLayerMlpOptions mlp;
  mlp.up = "fc1";
  mlp.down = "fc2";
  mlp.bias = bias;
  PS_ASSIGN_OR_RETURN(mlp.activation, ReadActivation(file, {"activation_function"}, "relu"));
  options.block.mlp = mlp;
  return CreateLayerNormModel(options);
}

}  // namespace probesweep::worker
