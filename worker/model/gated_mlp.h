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

// Reads <prefix>gate_proj, up_proj and down_proj.
absl::StatusOr<GatedMlp> LoadGatedMlp(WeightSource& weights, const std::string& prefix,
                                      const GatedMlpOptions& options);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_GATED_MLP_H_
