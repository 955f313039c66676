#include "common/status.h"
#include "worker/model/decoder.h"
#include "worker/model/llama_family.h"

namespace probesweep::worker {

absl::StatusOr<std::unique_ptr<Model>> CreateQwen3(const ConfigFile& file) {
  DecoderDefaults defaults;
  defaults.head_dim = 128;
  PS_ASSIGN_OR_RETURN(DecoderOptions options, ReadDecoderOptions(file, defaults));
  PS_RETURN_IF_ERROR(RefuseMixedWindows(file));
  PS_RETURN_IF_ERROR(ReadRmsEpsilon(file, 1e-6, options));
  PS_ASSIGN_OR_RETURN(options.attention.projection_bias, file.BoolOr({"attention_bias"}, false));
  options.attention.output_bias = options.attention.projection_bias;
  options.attention.norm = QueryKeyNorm::kEachHead;
  return CreateDecoder(options);
}

}  // namespace probesweep::worker
