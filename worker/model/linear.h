// The small operations that blocks are made of, with their weights.
#ifndef PROBESWEEP_WORKER_MODEL_LINEAR_H_
#define PROBESWEEP_WORKER_MODEL_LINEAR_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "worker/checkpoint/weight_source.h"

namespace probesweep::worker {

// x Wᵀ + b.
struct Linear {
  at::Tensor weight;  // [out, in]
  at::Tensor bias;    // [out], or undefined

  at::Tensor operator()(const at::Tensor& x) const;
};

// Whether a layer adds a bias: as the configuration says, whatever the checkpoint has.
enum class Bias { kNone, kRequired };

// Reads <prefix>.weight and, by `bias`, <prefix>.bias.
absl::StatusOr<Linear> LoadLinear(WeightSource& weights, const std::string& prefix, int64_t out, int64_t in,
                                  Bias bias);

// How an architecture stores its linear maps: LoadLinear, or a function of its own.
using LinearLoader = absl::StatusOr<Linear> (*)(WeightSource& weights, const std::string& prefix, int64_t out,
                                                int64_t in, Bias bias);

// Layer normalisation over the last axis (Ba et al., 2016).
struct LayerNorm {
  at::Tensor weight;  // [hidden], or undefined
  at::Tensor bias;    // [hidden], or undefined
  double epsilon = 1e-5;

  at::Tensor operator()(const at::Tensor& x) const;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_LINEAR_H_
