#ifndef PROBESWEEP_WORKER_EXEC_STEERING_DIRECTIONS_H_
#define PROBESWEEP_WORKER_EXEC_STEERING_DIRECTIONS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/exec/steering.h"
#include "worker/model/packed_layout.h"

namespace probesweep::worker {

// Steerings made ready to be applied. Immutable, thread-safe.
class SteeringDirections {
 public:
  // None.
  SteeringDirections() = default;
  // Errors: as CheckSteering.
  static absl::StatusOr<SteeringDirections> Create(const std::vector<Steering>& steerings,
                                                   const Model& model);

  // Adds to `residual`, [tokens, hidden] after block `layer`, in place.
  void Apply(int64_t layer, const PackedLayout& layout, at::Tensor& residual) const;
  bool empty() const { return directions_.empty(); }

 private:
  struct Direction {
    int64_t layer;
    SteerPositions positions;
    at::Tensor change;  // alpha · vector: [hidden]
  };
  std::vector<Direction> directions_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_EXEC_STEERING_DIRECTIONS_H_
