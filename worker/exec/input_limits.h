// What a model can take in.
#ifndef PROBESWEEP_WORKER_EXEC_INPUT_LIMITS_H_
#define PROBESWEEP_WORKER_EXEC_INPUT_LIMITS_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "worker/model/model.h"

namespace probesweep::worker {

// Errors: INVALID_ARGUMENT naming the largest id, when the embedding has no row for it; or a negative one.
absl::Status CheckTokenIds(const Model& model, const std::vector<int64_t>& ids);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_EXEC_INPUT_LIMITS_H_
