#include "common/status.h"
#include "worker/model/decoder.h"
#include "worker/model/llama_family.h"

namespace probesweep::worker {

absl::StatusOr<std::unique_ptr<Model>> CreateOlmo(const ConfigFile& file) {
  // Before transformers had the architecture, its authors published their own form of it under this name.
  if (file.Has({"d_model"}) && !file.Has({"hidden_size"})) return CreateHfOlmo(file);
  DecoderDefaults defaults;
  defaults.heads_share_nothing = true;
  PS_ASSIGN_OR_RETURN(DecoderOptions options, ReadDecoderOptions(file, defaults));
  options.norm.form = NormForm::kLayer;
  options.norm.weighted = false;
  options.norm.epsilon = 1e-5;  // no field of the configuration
  PS_ASSIGN_OR_RETURN(options.attention.projection_bias, file.BoolOr({"attention_bias"}, false));
  options.attention.output_bias = options.attention.projection_bias;
  PS_ASSIGN_OR_RETURN(options.attention.clip, ReadClip(file));
  return CreateDecoder(options);
}

}  // namespace probesweep::worker
