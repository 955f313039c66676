// The probe where scikit-learn's LogisticRegression(solver="lbfgs") stops: near the optimum, not at it.
#ifndef PROBESWEEP_WORKER_ANALYSIS_LBFGS_PROBE_H_
#define PROBESWEEP_WORKER_ANALYSIS_LBFGS_PROBE_H_

#include <ATen/core/Tensor.h>

#include "worker/analysis/logistic_probe.h"

namespace probesweep::worker {

// Whose habits to follow. All start at w = 0, keep 10 corrections and stop after 100 iterations or at a
// gradient whose largest entry is 1e-4.
enum class SklearnRelease {
  kUpTo13,  // objective Σ loss + ‖w‖²/(2c); also stops when it falls by less than 2.2e-9 of itself
  kSince14,  // objective mean loss + ‖w‖²/(2cn); also stops when it falls by less than 64 ε of max(1, itself)
};

// Runs L-BFGS-B 3.0, the Fortran code beneath SciPy up to 1.14 (1.15 and later hold a translation of it to
// C), with SciPy's settings, on the loss and gradient in scikit-learn's own arithmetic. `iterations` is
// n_iter_. Arguments as for FitProbe, which has checked them. Thread-safe, silent.
//
// How near: on 40 problems (tests/golden/probes) iterations are the same and weights within 1e-6, but for
// those ill-conditioned ones whose path hangs on rounding: there scikit-learn's own weights move by 1e-4 to
// 1e-2 when its rows come in another order. Known difference: scikit-learn since 1.4 allows 50 evaluations in
// a line search, this library 20, as earlier releases do.
Probe FitSklearnProbe(const at::Tensor& features, const at::Tensor& labels, double c, SklearnRelease release);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_LBFGS_PROBE_H_
