#include "worker/analysis/steering_vector.h"

#include <ATen/ATen.h>

namespace probesweep::worker {

std::optional<at::Tensor> MeanDifference(const at::Tensor& representations, const at::Tensor& labels) {
  const at::Tensor positive = labels.gt(0.5);
  const at::Tensor negative = positive.logical_not();
  if (!positive.any().item<bool>() || !negative.any().item<bool>()) return std::nullopt;
  const at::Tensor rows = representations.to(at::kDouble);
  at::Tensor difference = rows.index({positive}).mean(0) - rows.index({negative}).mean(0);  // [hidden]
  if (!difference.any().item<bool>()) return std::nullopt;
  return difference;
}

std::optional<SteeringVector> FindSteeringVector(const at::Tensor& representations, const at::Tensor& labels,
                                                 int64_t rows) {
  const at::Tensor all = representations.to(at::kDouble);
  const std::optional<at::Tensor> difference =
      MeanDifference(all.narrow(0, 0, rows), labels.narrow(0, 0, rows));
  if (!difference.has_value()) return std::nullopt;
  const at::Tensor direction = *difference / difference->norm();
  SteeringVector result;
  result.norm = at::std(at::mv(all, direction), /*unbiased=*/true).item<double>();
  result.vector = direction * result.norm;
  return result;
}

}  // namespace probesweep::worker
