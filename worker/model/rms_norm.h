#ifndef PROBESWEEP_WORKER_MODEL_RMS_NORM_H_
#define PROBESWEEP_WORKER_MODEL_RMS_NORM_H_

#include <ATen/core/Tensor.h>

namespace probesweep::worker {

// Root-mean-square normalisation over the last axis (Zhang & Sennrich, 2019).
struct RmsNorm {
  at::Tensor weight;  // [size of the last axis], or undefined
  at::Tensor bias;    // [size of the last axis], or undefined
  double epsilon = 1e-6;

  at::Tensor operator()(const at::Tensor& x) const;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_RMS_NORM_H_
