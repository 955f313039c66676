// OPT (Zhang et al., arXiv 2205.01068).
#ifndef PROBESWEEP_WORKER_MODEL_OPT_H_
#define PROBESWEEP_WORKER_MODEL_OPT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "worker/checkpoint/config_file.h"
#include "worker/model/model.h"

namespace probesweep::worker {

// Norms before (most sizes) or after (350m) each half, embeddings of another width with projections, learned
// positions. Errors: as CreateModel.
absl::StatusOr<std::unique_ptr<Model>> CreateOpt(const ConfigFile& config);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_OPT_H_
