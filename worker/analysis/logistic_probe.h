// The linear probe: L2-regularised logistic regression, at its optimum.
#ifndef PROBESWEEP_WORKER_ANALYSIS_LOGISTIC_PROBE_H_
#define PROBESWEEP_WORKER_ANALYSIS_LOGISTIC_PROBE_H_

#include <ATen/core/Tensor.h>

#include "absl/status/statusor.h"

namespace probesweep::worker {

struct Probe {
  at::Tensor weights;  // fp64 [features]
  double intercept = 0;
  int iterations = 0;  // Newton steps

  // Logits of rows [rows, features]: fp64 [rows].
  at::Tensor Logits(const at::Tensor& features) const;
};

// The unique minimum of  c Σᵢ log(1 + e^zᵢ) − yᵢ zᵢ + ‖w‖²/2,  zᵢ = w·xᵢ + b, intercept b free: what
// scikit-learn's LogisticRegression(C=c) approaches. Newton's method with backtracking until the gradient's
// largest entry is at most 1e-8 n: in the primal when there are more rows than features, else in the dual,
// where w = Xᵀα. `features`: fp64 [rows, features]; `labels`: fp64 [rows], 0 or 1, both present. Errors:
// INTERNAL when it does not converge (not seen on finite input).
absl::StatusOr<Probe> FitLogisticProbe(const at::Tensor& features, const at::Tensor& labels, double c);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_LOGISTIC_PROBE_H_
