#include "worker/analysis/steering_vector.h"

#include <ATen/ATen.h>

namespace probesweep::worker {

std::optional<SteeringVector> FindSteeringVector(const at::Tensor& representations, const at::Tensor& labels,
                                                 int64_t rows) {
  const at::Tensor all = representations.to(at::kDouble);
  const at::Tensor part = all.narrow(0, 0, rows);
  const at::Tensor positive = labels.narrow(0, 0, rows).gt(0.5);
  const at::Tensor negative = positive.logical_not();
  if (!positive.any().item<bool>() || !negative.any().item<bool>()) return std::nullopt;
  const at::Tensor difference = part.index({positive}).mean(0) - part.index({negative}).mean(0);  // [hidden]
  const double length = difference.norm().item<double>();
  if (length == 0) return std::nullopt;
  const at::Tensor direction = difference / length;
  SteeringVector result;
  result.norm = at::std(at::mv(all, direction), /*unbiased=*/true).item<double>();
  result.vector = direction * result.norm;
  return result;
}

}  // namespace probesweep::worker
