#ifndef PROBESWEEP_WORKER_MODEL_HEAD_NORM_H_
#define PROBESWEEP_WORKER_MODEL_HEAD_NORM_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "worker/checkpoint/weight_source.h"

namespace probesweep::worker {

// Layer normalisation of each head on its own.
struct HeadNorm {
  at::Tensor weight;  // [head_dim], or [heads, head_dim] where each head has its own
  at::Tensor bias;    // [head_dim], or undefined
  double epsilon = 1e-5;

  // `x`: [tokens, heads, head_dim].
  at::Tensor operator()(const at::Tensor& x) const;
};

// Reads <prefix>.weight and <prefix>.bias, which all heads share.
absl::StatusOr<HeadNorm> LoadSharedHeadNorm(WeightSource& weights, const std::string& prefix,
                                            int64_t head_dim, double epsilon);
// Reads <prefix>.norms.<head>.weight; there are no biases.
absl::StatusOr<HeadNorm> LoadOwnHeadNorms(WeightSource& weights, const std::string& prefix, int64_t heads,
                                          int64_t head_dim, double epsilon);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_HEAD_NORM_H_
