// The linear probe: L2-regularised logistic regression, at its optimum.
#ifndef PROBESWEEP_WORKER_ANALYSIS_LOGISTIC_PROBE_H_
#define PROBESWEEP_WORKER_ANALYSIS_LOGISTIC_PROBE_H_

#include <ATen/core/Tensor.h>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace probesweep::worker {

struct Probe {
  at::Tensor weights;  // fp64 [features]
  double intercept = 0;
  int iterations = 0;  // Newton steps, or scikit-learn's n_iter_

  // Logits of rows [rows, features]: fp64 [rows].
  at::Tensor Logits(const at::Tensor& features) const;
};

// The unique minimum of  c Σᵢ log(1 + e^zᵢ) − yᵢ zᵢ + ‖w‖²/2,  zᵢ = w·xᵢ + b, intercept b free: what
// scikit-learn's LogisticRegression(C=c) approaches. Newton's method with backtracking until the gradient's
// largest entry is at most 1e-8 n min(1, c), and its norm at most 1e-6 ‖w‖ as far as rounding lets it fall.
// `features`: fp64 [rows, features]; `labels`: fp64 [rows], 0 or 1. The same input gives the same bits where
// every operation runs on one thread (worker/model/threads.h).
//
// What is decided for inputs that are easily got wrong, by every solver:
//   one label only           refused: the minimum would lie at infinity
//   NaN, infinity            refused, with the first such row and feature
//   other labels, no rows    refused
//   a constant feature       weight 0, as the intercept does its work without a penalty; approached only by
//                            solvers that stop early
//   fewer rows than features allowed: the penalty makes the minimum unique, in the span of the rows
//   separable labels         allowed: the penalty keeps the weights finite; they grow with c
//   duplicated rows          count twice, as c twice as large would make them
//   huge or tiny features    allowed. Nothing is scaled: tiny features get almost no weight, as the penalty
//   is on
//                            w; standardise them first
//
// Errors: INVALID_ARGUMENT as above; INTERNAL when it does not converge (not seen on finite input).
absl::StatusOr<Probe> FitLogisticProbe(const at::Tensor& features, const at::Tensor& labels, double c);

// By name (KnownSolvers()): "exact" as above; "sklearn", "sklearn-1.4" where scikit-learn's default fit
// stops, which lies near the optimum (lbfgs_probe.h). Errors: also INVALID_ARGUMENT for an unknown name, with
// the nearest.
absl::StatusOr<Probe> FitProbe(const at::Tensor& features, const at::Tensor& labels, double c,
                               absl::string_view solver);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_LOGISTIC_PROBE_H_
