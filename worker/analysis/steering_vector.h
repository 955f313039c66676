#ifndef PROBESWEEP_WORKER_ANALYSIS_STEERING_VECTOR_H_
#define PROBESWEEP_WORKER_ANALYSIS_STEERING_VECTOR_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

namespace probesweep::worker {

struct SteeringVector {
  at::Tensor vector;  // fp64 [hidden]: a unit direction times `norm`
  double norm = 0;    // standard deviation (ddof 1) of all rows' projections on the direction
};

// mean(label 1) − mean(label 0): fp64 [hidden]. `representations`: [rows, hidden]; `labels`: [rows], 0 or 1.
// Nothing when the rows show one label only, or the means are equal.
std::optional<at::Tensor> MeanDifference(const at::Tensor& representations, const at::Tensor& labels);

// The direction from label 0 to label 1, by the published code (Qian et al., arXiv 2402.19465, §4):
// the mean difference over the first `rows` rows, scaled to unit length, times the standard
// deviation of the projections of all rows. `representations`: [statements, hidden]; `labels`: [statements],
// 0 or 1. Nothing when those rows have no mean difference.
std::optional<SteeringVector> FindSteeringVector(const at::Tensor& representations, const at::Tensor& labels,
                                                 int64_t rows);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_STEERING_VECTOR_H_
