// Architectures made of Llama's decoder block, each with its model_type's fields and defaults.
#ifndef PROBESWEEP_WORKER_MODEL_LLAMA_FAMILY_H_
#define PROBESWEEP_WORKER_MODEL_LLAMA_FAMILY_H_

#include <memory>

#include "absl/status/statusor.h"
#include "worker/checkpoint/config_file.h"
#include "worker/model/model.h"

namespace probesweep::worker {

absl::StatusOr<std::unique_ptr<Model>> CreateLlama(const ConfigFile& file);
// Llama with a sliding window on every layer.
absl::StatusOr<std::unique_ptr<Model>> CreateMistral(const ConfigFile& file);
// Llama with biases on queries, keys and values.
absl::StatusOr<std::unique_ptr<Model>> CreateQwen2(const ConfigFile& file);
// Llama with a norm on each head's query and key.
absl::StatusOr<std::unique_ptr<Model>> CreateQwen3(const ConfigFile& file);
// Layer normalisation without weights; queries, keys and values that may be clipped. Also hf_olmo's
// configurations, where they have this model_type.
absl::StatusOr<std::unique_ptr<Model>> CreateOlmo(const ConfigFile& file);
// Norms after attention and MLP, and on all queries and all keys of a token.
absl::StatusOr<std::unique_ptr<Model>> CreateOlmo2(const ConfigFile& file);
// Olmo with affine norms before, norms on all queries and all keys, and sparse experts in the MLP's place.
absl::StatusOr<std::unique_ptr<Model>> CreateOlmoe(const ConfigFile& file);
// Mistral with sparse experts in the MLP's place.
absl::StatusOr<std::unique_ptr<Model>> CreateMixtral(const ConfigFile& file);
// Norm weights stored less 1, a scaled embedding, tanh gelu.
absl::StatusOr<std::unique_ptr<Model>> CreateGemma(const ConfigFile& file);
// OLMo as its authors published it: names, fused projections and fields of their own.
absl::StatusOr<std::unique_ptr<Model>> CreateHfOlmo(const ConfigFile& file);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_LLAMA_FAMILY_H_
