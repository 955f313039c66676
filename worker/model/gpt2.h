// GPT-2 (Radford et al., 2019).
#ifndef PROBESWEEP_WORKER_MODEL_GPT2_H_
#define PROBESWEEP_WORKER_MODEL_GPT2_H_

#include <memory>

#include "absl/status/statusor.h"
#include "worker/checkpoint/config_file.h"
#include "worker/model/model.h"

namespace probesweep::worker {

// Pre-norm blocks, learned positions, weights of linear maps stored as [in, out]. Errors: as CreateModel.
absl::StatusOr<std::unique_ptr<Model>> CreateGpt2(const ConfigFile& config);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_GPT2_H_
