#include "common/status.h"
#include "worker/model/decoder.h"
#include "worker/model/llama_family.h"

namespace probesweep::worker {

absl::StatusOr<std::unique_ptr<Model>> CreateQwen2(const ConfigFile& file) {
  DecoderDefaults defaults;
  PS_ASSIGN_OR_RETURN(DecoderOptions options, ReadDecoderOptions(file, defaults));
  PS_RETURN_IF_ERROR(RefuseMixedWindows(file));
  PS_RETURN_IF_ERROR(ReadRmsEpsilon(file, 1e-6, options));
  options.attention.projection_bias = true;
  return CreateDecoder(options);
}

}  // namespace probesweep::worker
