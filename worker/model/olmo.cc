#include "common/status.h"
#include "worker/model/decoder.h"
#include "worker/model/llama_family.h"

namespace probesweep::worker {

absl::StatusOr<std::unique_ptr<Model>> CreateOlmo(const ConfigFile& file) {
  DecoderDefaults defaults;
  defaults.heads_share_nothing = true;
  PS_ASSIGN_OR_RETURN(DecoderOptions options, ReadDecoderOptions(file, defaults));
  options.norm = DecoderNorm::kPlainLayer;
  options.norm_epsilon = 1e-5;  // no field of the configuration
  PS_ASSIGN_OR_RETURN(options.attention.projection_bias, file.BoolOr({"attention_bias"}, false));
  options.attention.output_bias = options.attention.projection_bias;
  if (file.Has({"clip_qkv"})) {
    PS_ASSIGN_OR_RETURN(options.attention.clip, file.NumberOr({"clip_qkv"}, 0));
    if (*options.attention.clip <= 0) return file.Invalid("clip_qkv", "must be above 0");
  }
  return CreateDecoder(options);
}

}  // namespace probesweep::worker
