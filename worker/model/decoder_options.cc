#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/model/decoder.h"

namespace probesweep::worker {
namespace {

absl::Status ReadHeads(const ConfigFile& file, const DecoderDefaults& defaults,
                       GroupedAttentionOptions& attention) {
  PS_ASSIGN_OR_RETURN(attention.hidden, file.Size({"hidden_size"}));
  PS_ASSIGN_OR_RETURN(attention.heads, file.Size({"num_attention_heads"}));
  attention.key_value_heads = attention.heads;
  const char* const shared = "num_key_value_heads";
  if (file.Has({shared}) || !(defaults.heads_share_nothing || file.IsNull(shared))) {
    PS_ASSIGN_OR_RETURN(attention.key_value_heads, file.Size({shared}));
  }
  if (attention.heads % attention.key_value_heads != 0) {
    return file.Invalid(shared, absl::StrCat("is ", attention.key_value_heads, ", no divisor of the ",
                                             attention.heads, " heads of `num_attention_heads`"));
  }
  attention.head_dim = defaults.head_dim;
  if (file.Has({"head_dim"})) {
    PS_ASSIGN_OR_RETURN(attention.head_dim, file.Size({"head_dim"}));
  } else if (attention.head_dim == 0) {
    if (attention.hidden % attention.heads != 0) {
      return file.Invalid("hidden_size", absl::StrCat("is ", attention.hidden, ", no multiple of the ",
                                                      attention.heads, " heads of `num_attention_heads`"));
    }
    attention.head_dim = attention.hidden / attention.heads;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DecoderOptions> ReadDecoderOptions(const ConfigFile& file, const DecoderDefaults& defaults) {
  DecoderOptions options;
  PS_ASSIGN_OR_RETURN(options.layers, file.Size({"num_hidden_layers"}));
  PS_ASSIGN_OR_RETURN(options.vocab, file.Size({"vocab_size"}));
  PS_RETURN_IF_ERROR(ReadHeads(file, defaults, options.attention));
  PS_ASSIGN_OR_RETURN(options.attention.rotary,
                      ReadWholeRotary(file, options.attention.head_dim, defaults.rotary_theta));
  PS_ASSIGN_OR_RETURN(options.tied, file.BoolOr({"tie_word_embeddings"}, defaults.tied));
  options.mlp.hidden = options.hidden();
  PS_ASSIGN_OR_RETURN(options.mlp.intermediate, file.Size({"intermediate_size"}));
  PS_ASSIGN_OR_RETURN(options.mlp.activation, ReadActivation(file, {"hidden_act"}, defaults.activation));
  return options;
}

absl::Status ReadRmsEpsilon(const ConfigFile& file, double otherwise, DecoderOptions& options) {
  PS_ASSIGN_OR_RETURN(options.norm.epsilon, file.NumberOr({"rms_norm_eps"}, otherwise));
  if (options.norm.epsilon < 0) return file.Invalid("rms_norm_eps", "must not be below 0");
  options.attention.norm_form.epsilon = options.norm.epsilon;
  return absl::OkStatus();
}

absl::StatusOr<std::optional<double>> ReadClip(const ConfigFile& file) {
  std::optional<double> clip;
  if (!file.Has({"clip_qkv"})) return clip;
  PS_ASSIGN_OR_RETURN(clip, file.NumberOr({"clip_qkv"}, 0));
  if (*clip <= 0) return file.Invalid("clip_qkv", "must be above 0");
  return clip;
}

absl::Status CheckNameCount(const ConfigFile& file, const char* layers_field, int64_t layers, int64_t each) {
  constexpr int64_t kMost = 50'000;  // many times what the largest published models have
  if (each <= kMost && layers <= kMost / each) return absl::OkStatus();
  return file.Invalid(layers_field,
                      absl::StrCat("gives ", layers, " layers of ", each, " tensors, more than can be read"));
}

absl::Status RefuseMixedWindows(const ConfigFile& file) {
  PS_ASSIGN_OR_RETURN(const bool sliding, file.BoolOr({"use_sliding_window"}, false));
  if (sliding) return file.NotImplemented("use_sliding_window", "true", "false");
  PS_ASSIGN_OR_RETURN(const std::vector<std::string> types, file.Strings({"layer_types"}));
  const auto other = std::find_if(types.begin(), types.end(),
                                  [](const std::string& type) { return type != "full_attention"; });
  if (other == types.end()) return absl::OkStatus();
  return file.NotImplemented("layer_types", absl::StrCat("'", *other, "' for some layer"), "full_attention");
}

}  // namespace probesweep::worker
