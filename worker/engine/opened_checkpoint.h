#ifndef PROBESWEEP_WORKER_ENGINE_OPENED_CHECKPOINT_H_
#define PROBESWEEP_WORKER_ENGINE_OPENED_CHECKPOINT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "worker/checkpoint/weight_source.h"
#include "worker/model/model.h"

namespace probesweep::worker {

// A checkpoint's configuration understood and its files opened; no weight is read yet.
struct OpenedCheckpoint {
  std::unique_ptr<Model> model;
  std::unique_ptr<WeightSource> weights;
};

// Errors: NOT_FOUND, INVALID_ARGUMENT, UNIMPLEMENTED (unreadable or unsupported, in seconds), DATA_LOSS
// (damaged files); each names the file.
absl::StatusOr<OpenedCheckpoint> OpenCheckpoint(const std::string& folder);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ENGINE_OPENED_CHECKPOINT_H_
