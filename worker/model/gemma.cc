#include <cmath>
#include <string>
#include <utility>

#include "common/status.h"
#include "worker/model/decoder.h"
#include "worker/model/llama_family.h"

namespace probesweep::worker {
namespace {

constexpr char kTanhGelu[] = "gelu_pytorch_tanh";

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> CreateGemma(const ConfigFile& file) {
  DecoderDefaults defaults;
  defaults.head_dim = 256;
  defaults.activation = kTanhGelu;
  defaults.tied = true;
  PS_ASSIGN_OR_RETURN(DecoderOptions options, ReadDecoderOptions(file, defaults));
  PS_RETURN_IF_ERROR(ReadRmsEpsilon(file, 1e-6, options));
  options.norm.around_one = true;
  options.embedding_scale = std::sqrt(static_cast<double>(options.hidden()));
  PS_ASSIGN_OR_RETURN(options.attention.projection_bias, file.BoolOr({"attention_bias"}, false));
  options.attention.output_bias = options.attention.projection_bias;
  // Published configurations say "gelu" and mean its tanh form, as transformers takes it; hidden_activation,
  // which some have beside it, transformers does not read.
  PS_ASSIGN_OR_RETURN(const std::string activation, file.StringOr({"hidden_act"}, kTanhGelu));
  if (activation == "gelu") {
    PS_ASSIGN_OR_RETURN(options.mlp.activation, ReadActivation(file, {}, kTanhGelu));
  }
  PS_ASSIGN_OR_RETURN(const bool both_ways, file.BoolOr({"use_bidirectional_attention"}, false));
  if (both_ways) return file.NotImplemented("use_bidirectional_attention", "true", "false");
  return CreateDecoder(std::move(options));
}

}  // namespace probesweep::worker
