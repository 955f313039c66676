#include <utility>

#include "common/status.h"
#include "worker/model/decoder.h"
#include "worker/model/llama_family.h"

namespace probesweep::worker {

absl::StatusOr<std::unique_ptr<Model>> CreateMixtral(const ConfigFile& file) {
  DecoderDefaults defaults;
  defaults.heads_share_nothing = file.IsNull("num_key_value_heads");
  defaults.rotary_theta = 1e6;
  PS_ASSIGN_OR_RETURN(DecoderOptions options, ReadDecoderOptions(file, defaults));
  PS_RETURN_IF_ERROR(ReadRmsEpsilon(file, 1e-5, options));
  if (file.Has({"sliding_window"})) {
    PS_ASSIGN_OR_RETURN(options.attention.window, file.Size({"sliding_window"}));
  }
  SparseExpertsOptions experts;
  PS_RETURN_IF_ERROR(ReadExperts(file, {"num_local_experts", "num_experts"}, 2, experts));
  PS_RETURN_IF_ERROR(CheckNameCount(file, "num_hidden_layers", options.layers, 3 * experts.experts));
  experts.normalised = true;
  experts.name = "block_sparse_moe";
  experts.expert_names = {"w1", "w3", "w2"};
  options.stored_parts = StackedExperts(experts, options.layers, options.mlp);
  options.experts = experts;
  return CreateDecoder(std::move(options));
}

}  // namespace probesweep::worker
