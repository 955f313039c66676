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

// Whether a layer adds a bias: as the checkpoint has one, or as the configuration says, whatever is there.
enum class Bias { kIfPresent, kNone, kRequired };

// Reads <prefix>.weight and, by `bias`, <prefix>.bias.
absl::StatusOr<Linear> LoadLinear(WeightSource& weights, const std::string& prefix, int64_t out, int64_t in,
                                  Bias bias = Bias::kIfPresent);

// Layer normalisation over the last axis (Ba et al., 2016).
struct LayerNorm {
  at::Tensor weight;  // [hidden], or undefined
  at::Tensor bias;    // [hidden], or undefined
  double epsilon = 1e-5;

  at::Tensor operator()(const at::Tensor& x) const;
};

// Reads <prefix>.weight and, when it is there, <prefix>.bias.
absl::StatusOr<LayerNorm> LoadLayerNorm(WeightSource& weights, const std::string& prefix, int64_t hidden,
                                        double epsilon);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_LINEAR_H_
