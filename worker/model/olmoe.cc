#include <utility>

#include "common/status.h"
#include "worker/model/decoder.h"
#include "worker/model/llama_family.h"

namespace probesweep::worker {

absl::StatusOr<std::unique_ptr<Model>> CreateOlmoe(const ConfigFile& file) {
  DecoderDefaults defaults;
  defaults.heads_share_nothing = true;
  PS_ASSIGN_OR_RETURN(DecoderOptions options, ReadDecoderOptions(file, defaults));
  PS_RETURN_IF_ERROR(ReadRmsEpsilon(file, 1e-5, options));
  PS_ASSIGN_OR_RETURN(options.attention.projection_bias, file.BoolOr({"attention_bias"}, false));
  options.attention.output_bias = options.attention.projection_bias;
  options.attention.norm = QueryKeyNorm::kAllHeads;
  PS_ASSIGN_OR_RETURN(options.attention.clip, ReadClip(file));
  options.attention.clip_normed = true;
  SparseExpertsOptions experts;
  PS_RETURN_IF_ERROR(ReadExperts(file, {"num_experts", "num_local_experts"}, 8, experts));
  PS_RETURN_IF_ERROR(CheckNameCount(file, "num_hidden_layers", options.layers, 3 * experts.experts));
  PS_ASSIGN_OR_RETURN(experts.normalised, file.BoolOr({"norm_topk_prob"}, false));
  options.stored_parts = StackedExperts(experts, options.layers, options.mlp);
  options.experts = experts;
  return CreateDecoder(std::move(options));
}

}  // namespace probesweep::worker
