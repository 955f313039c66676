#ifndef PROBESWEEP_WORKER_MODEL_GATED_MLP_H_
#define PROBESWEEP_WORKER_MODEL_GATED_MLP_H_

#include <string>

#include "worker/model/activation.h"
#include "worker/model/linear.h"

namespace probesweep::worker {

// down(activation(gate x) · up x), with the products taken element by element (Shazeer, arXiv 2002.05202).
struct GatedMlp {
  Linear gate, up, down;
  Activation activation = nullptr;

  at::Tensor operator()(const at::Tensor& x) const;
};

struct GatedMlpOptions {
  int64_t hidden = 0;
  int64_t intermediate = 0;
  bool bias = false;
  Activation activation = nullptr;
};

// What the three maps are called.
struct GatedMlpNames {
  std::string gate = "gate_proj", up = "up_proj", down = "down_proj";
};

// Reads the three under <prefix>.
absl::StatusOr<GatedMlp> LoadGatedMlp(WeightSource& weights, const std::string& prefix,
                                      const GatedMlpOptions& options, const GatedMlpNames& names = {});

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_GATED_MLP_H_
