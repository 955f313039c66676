// Mutual information by the normalised Hilbert–Schmidt independence criterion (Fukumizu et al., 2007; Ma et
// al., arXiv 1908.01580, eq. 4), as the published code of arXiv 2402.19465 defines it: with
// K = exp(−D / (2σ²·dim)), Kc = K H and R = Kc (Kc + ε m I)⁻¹, the information of two samples is tr(R_x R_t).
//
// Computed without a general inverse: with A = H K H + a I, a = ε m,
//   I(X;T) = m − a tr A_x⁻¹ − a tr A_t⁻¹ + a² ⟨A_x⁻¹, A_t⁻¹⟩,
// and, since the kernel of binary labels has rank one after centring,
//   I(Y;T) = λ/(λ+a) · (1 − a uᵀ A_t⁻¹ u),  λ = 2 (1 − e^{−1/(2σ²)}) ‖ỹ‖²,  u = ỹ/‖ỹ‖, ỹ the centred labels.
// docs/mutual-information.md derives both; information_null.h tells what chance alone gives.
#ifndef PROBESWEEP_WORKER_ANALYSIS_HSIC_H_
#define PROBESWEEP_WORKER_ANALYSIS_HSIC_H_

#include <ATen/core/Tensor.h>

#include "absl/status/statusor.h"
#include "worker/analysis/kernel_rows.h"

namespace probesweep::worker {

// A⁻¹ of one sample of m rows, and what is read from it more than once.
struct KernelInverse {
  at::Tensor inverse;         // fp64 [m, m], symmetric
  double regularisation = 0;  // a
  double trace = 0;           // of the inverse

  // tr R = m − a tr A⁻¹: the effective number of dimensions that the kernel sees.
  double EffectiveDimensions() const;
};

// `sample`: fp64 [m, dim]. Takes memory for one matrix [m, m], which it returns, and one copy of the sample.
// Errors: FAILED_PRECONDITION when the matrix is not positive definite (not seen on finite input).
absl::StatusOr<KernelInverse> InvertKernel(const at::Tensor& sample, const HsicOptions& options);

// I(X;T) of two samples of the same rows.
double MutualInformation(const KernelInverse& x, const KernelInverse& t);

// I(Y;T) for binary labels: fp64 [m], 0 or 1.
double LabelInformation(const KernelInverse& t, const at::Tensor& labels, const HsicOptions& options);

// λ above: the one eigenvalue of the centred kernel of binary labels that is not 0.
double LabelEigenvalue(const at::Tensor& labels, const HsicOptions& options);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_HSIC_H_
