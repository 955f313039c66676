#include "worker/exec/steering_directions.h"

#include <ATen/ATen.h>

#include "common/status.h"

namespace probesweep::worker {
namespace {

// Adds to the row of each statement's last token.
void AddToLastTokens(const at::Tensor& change, const PackedLayout& layout, at::Tensor& residual) {
  int64_t first = 0;
  for (const LengthRun& run : layout.runs) {
    const int64_t rows = run.statements * run.length;
    residual.narrow(0, first, rows)
        .view({run.statements, run.length, residual.size(1)})
        .select(1, run.length - 1)
        .add_(change);
    first += rows;
  }
}

}  // namespace

absl::StatusOr<SteeringDirections> SteeringDirections::Create(const std::vector<Steering>& steerings,
                                                              const Model& model) {
  SteeringDirections ready;
  for (const Steering& steering : steerings) {
    PS_RETURN_IF_ERROR(CheckSteering(steering, model));
    ready.directions_.push_back(
        {steering.layer, steering.positions, at::tensor(steering.vector).mul_(steering.alpha)});
  }
  return ready;
}

void SteeringDirections::Apply(int64_t layer, const PackedLayout& layout, at::Tensor& residual) const {
  for (const Direction& direction : directions_) {
    if (direction.layer != layer) continue;
    if (direction.positions == SteerPositions::kAll) {
      residual.add_(direction.change);
    } else {
      AddToLastTokens(direction.change, layout, residual);
    }
  }
}

}  // namespace probesweep::worker
