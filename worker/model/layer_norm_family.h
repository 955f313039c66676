// Architectures made of layer-norm blocks, each with its model_type's fields, names and defaults. Errors: as
// CreateModel.
#ifndef PROBESWEEP_WORKER_MODEL_LAYER_NORM_FAMILY_H_
#define PROBESWEEP_WORKER_MODEL_LAYER_NORM_FAMILY_H_

#include <memory>

#include "absl/status/statusor.h"
#include "worker/checkpoint/config_file.h"
#include "worker/model/model.h"

namespace probesweep::worker {

// Linear biases instead of positions, a norm on the embeddings (BigScience, arXiv 2211.05100).
absl::StatusOr<std::unique_ptr<Model>> CreateBloom(const ConfigFile& file);
// Parallel residuals, keys and values shared by all heads or by groups of them; or BLOOM's block (Almazrouei
// et al., arXiv 2311.16867).
absl::StatusOr<std::unique_ptr<Model>> CreateFalcon(const ConfigFile& file);
// Learned positions, weights of linear maps stored as [in, out] (Radford et al., 2019).
absl::StatusOr<std::unique_ptr<Model>> CreateGpt2(const ConfigFile& file);
// Rotary positions on a share of each head, parallel or sequential residuals (Black et al., arXiv
// 2204.06745).
absl::StatusOr<std::unique_ptr<Model>> CreateGptNeox(const ConfigFile& file);
// Learned positions, norms before or after each half; projected embeddings (Zhang et al., arXiv 2205.01068).
absl::StatusOr<std::unique_ptr<Model>> CreateOpt(const ConfigFile& file);
// Parallel residuals from one norm, biases everywhere (Li et al., arXiv 2309.05463).
absl::StatusOr<std::unique_ptr<Model>> CreatePhi(const ConfigFile& file);
// Llama's names and MLP with layer norms; norms of each head's own (Bellagente et al., arXiv 2402.17834).
absl::StatusOr<std::unique_ptr<Model>> CreateStableLm(const ConfigFile& file);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_LAYER_NORM_FAMILY_H_
