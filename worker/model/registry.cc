// The architectures by model_type. Adding one is a file beside this one and a line here.
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/edit_distance.h"
#include "common/status.h"
#include "worker/model/layer_norm_family.h"
#include "worker/model/llama_family.h"
#include "worker/model/model.h"

namespace probesweep::worker {
namespace {

using Factory = absl::StatusOr<std::unique_ptr<Model>> (*)(const ConfigFile&);

const std::map<std::string, Factory>& Factories() {
  static const auto* const factories = new std::map<std::string, Factory>{
      // One a line, so that adding one changes one.
      // clang-format off
      {"bloom", CreateBloom},
      {"falcon", CreateFalcon},
      {"gemma", CreateGemma},
      {"gpt2", CreateGpt2},
      {"gpt_neox", CreateGptNeox},
      {"hf_olmo", CreateHfOlmo},
      {"llama", CreateLlama},
      {"mistral", CreateMistral},
      {"mixtral", CreateMixtral},
      {"olmo", CreateOlmo},
      {"olmo2", CreateOlmo2},
      {"olmoe", CreateOlmoe},
      {"opt", CreateOpt},
      {"phi", CreatePhi},
      {"qwen2", CreateQwen2},
      {"qwen3", CreateQwen3},
      {"stablelm", CreateStableLm},
      // clang-format on
  };
  return *factories;
}

// Quantized tensors need arithmetic of their own before they are weights.
absl::Status RefuseQuantization(const ConfigFile& config) {
  if (!config.Has({"quantization_config"})) return absl::OkStatus();
  return config.NotImplemented("quantization_config", "set", "weights in fp64, fp32, fp16 or bf16");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> CreateModel(const ConfigFile& config) {
  const auto found = Factories().find(config.model_type());
  if (found != Factories().end()) {
    PS_RETURN_IF_ERROR(RefuseQuantization(config));
    return found->second(config);
  }
  std::vector<std::string> names;
  for (const auto& [name, factory] : Factories()) names.push_back(name);
  const std::string nearest = NearestName(config.model_type(), names);
  return config.NotImplemented(
      "model_type", absl::StrCat("'", config.model_type(), "'"),
      absl::StrCat(absl::StrJoin(names, ", "), nearest.empty() ? "" : "; did you mean '", nearest,
                   nearest.empty() ? "" : "'?"));
}

}  // namespace probesweep::worker
