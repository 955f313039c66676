// GPT-NeoX (Black et al., arXiv 2204.06745): Pythia and its kin.
#ifndef PROBESWEEP_WORKER_MODEL_GPT_NEOX_H_
#define PROBESWEEP_WORKER_MODEL_GPT_NEOX_H_

#include <memory>

#include "absl/status/statusor.h"
#include "worker/checkpoint/config_file.h"
#include "worker/model/model.h"

namespace probesweep::worker {

// Both residual forms: parallel x + attention(norm₁ x) + mlp(norm₂ x), and sequential.
absl::StatusOr<std::unique_ptr<Model>> CreateGptNeox(const ConfigFile& config);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_GPT_NEOX_H_
