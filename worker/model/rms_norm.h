#ifndef PROBESWEEP_WORKER_MODEL_RMS_NORM_H_
#define PROBESWEEP_WORKER_MODEL_RMS_NORM_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "worker/checkpoint/weight_source.h"

namespace probesweep::worker {

// Root-mean-square normalisation over the last axis (Zhang & Sennrich, 2019).
struct RmsNorm {
  at::Tensor weight;  // [size of the last axis]
  double epsilon = 1e-6;

  at::Tensor operator()(const at::Tensor& x) const;
};

// Reads <prefix>.weight.
absl::StatusOr<RmsNorm> LoadRmsNorm(WeightSource& weights, const std::string& prefix, int64_t size,
                                    double epsilon);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_RMS_NORM_H_
