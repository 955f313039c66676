// BLOOM (Scao et al., arXiv 2211.05100).
#ifndef PROBESWEEP_WORKER_MODEL_BLOOM_H_
#define PROBESWEEP_WORKER_MODEL_BLOOM_H_

#include <memory>

#include "absl/status/statusor.h"
#include "worker/checkpoint/config_file.h"
#include "worker/model/model.h"

namespace probesweep::worker {

// Linear biases for positions, a norm on the embeddings. Errors: as CreateModel.
absl::StatusOr<std::unique_ptr<Model>> CreateBloom(const ConfigFile& config);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_BLOOM_H_
