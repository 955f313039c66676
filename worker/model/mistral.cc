#include "common/status.h"
#include "worker/model/decoder.h"
#include "worker/model/llama_family.h"

namespace probesweep::worker {

absl::StatusOr<std::unique_ptr<Model>> CreateMistral(const ConfigFile& file) {
  DecoderDefaults defaults;
  PS_ASSIGN_OR_RETURN(DecoderOptions options, ReadDecoderOptions(file, defaults));
  PS_RETURN_IF_ERROR(ReadRmsEpsilon(file, 1e-6, options));
  // Without the field there is a window, with a null in it there is none.
  if (!file.IsNull("sliding_window")) {
    options.attention.window = 4096;
    if (file.Has({"sliding_window"})) {
      PS_ASSIGN_OR_RETURN(options.attention.window, file.Size({"sliding_window"}));
    }
  }
  return CreateDecoder(options);
}

}  // namespace probesweep::worker
