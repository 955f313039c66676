#include "common/status.h"
#include "worker/model/decoder.h"
#include "worker/model/llama_family.h"

namespace probesweep::worker {

absl::StatusOr<std::unique_ptr<Model>> CreateOlmo2(const ConfigFile& file) {
  DecoderDefaults defaults;
  defaults.heads_share_nothing = true;
  PS_ASSIGN_OR_RETURN(DecoderOptions options, ReadDecoderOptions(file, defaults));
  PS_RETURN_IF_ERROR(ReadRmsEpsilon(file, 1e-5, options));
  PS_ASSIGN_OR_RETURN(options.attention.projection_bias, file.BoolOr({"attention_bias"}, false));
  options.attention.output_bias = options.attention.projection_bias;
  options.norm_place = DecoderNormPlace::kAfter;
  options.attention.norm = QueryKeyNorm::kAllHeads;
  return CreateDecoder(options);
}

}  // namespace probesweep::worker
