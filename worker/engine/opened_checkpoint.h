#ifndef PROBESWEEP_WORKER_ENGINE_OPENED_CHECKPOINT_H_
#define PROBESWEEP_WORKER_ENGINE_OPENED_CHECKPOINT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "worker/checkpoint/checkpoint_weights.h"
#include "worker/model/check_weights.h"
#include "worker/model/model.h"

namespace probesweep::worker {

// A checkpoint's configuration understood, its files opened, and every tensor found in the shape that it
// needs; no weight is read yet.
struct OpenedCheckpoint {
  std::unique_ptr<Model> model;
  std::unique_ptr<CheckpointWeights> weights;
  WeightSummary summary;
};

// Errors: NOT_FOUND, INVALID_ARGUMENT, UNIMPLEMENTED (unreadable or unsupported, in seconds), DATA_LOSS
// (damaged files; tensors that are missing or of another shape); each names the file or the folder. A head
// that is missing is no error: see WeightSummary::head.
absl::StatusOr<OpenedCheckpoint> OpenCheckpoint(const std::string& folder);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ENGINE_OPENED_CHECKPOINT_H_
