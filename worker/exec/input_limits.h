// What a model can take in.
#ifndef PROBESWEEP_WORKER_EXEC_INPUT_LIMITS_H_
#define PROBESWEEP_WORKER_EXEC_INPUT_LIMITS_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "worker/model/model.h"

namespace probesweep::worker {

// Errors: INVALID_ARGUMENT naming the largest id, when the embedding has no row for it; or a negative one.
absl::Status CheckTokenIds(const Model& model, const std::vector<int64_t>& ids);

// Errors: INVALID_ARGUMENT when `needed` positions are more than the model has learned: "<what> need …;
// <remedy>".
absl::Status CheckPositions(const Model& model, int64_t needed, absl::string_view what,
                            absl::string_view remedy);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_EXEC_INPUT_LIMITS_H_
