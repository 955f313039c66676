// Further estimators of how far two samples of the same rows depend on each other, beside the normalised
// HSIC.
//
// Biased HSIC (Gretton et al., 2005, eq. 9; used as in Ma et al., arXiv 1908.01580), with kernel matrices K
// and L and H = I − 11ᵀ/m:
//   HSIC = tr(K H L H) / (m − 1)²  ≥ 0.
// Debiased linear CKA (Kornblith et al., 2019, with the unbiased HSIC of Song et al., 2012, as in
// Nguyen et al., 2021): HSIC₁(K, L) / √(HSIC₁(K, K) HSIC₁(L, L)), where K̃ is K with a zero diagonal and
//   HSIC₁ = [tr(K̃ L̃) + 1ᵀK̃1 1ᵀL̃1 / ((m−1)(m−2)) − 2/(m−2) 1ᵀK̃L̃1] / (m (m−3)).
// It is 0 in the mean on independent samples, so that it may fall below 0, and near 1 for samples that differ
// by a rotation and a scale only.
//
// No function takes memory for a matrix [m, m]: each makes its kernels some rows at a time.
#ifndef PROBESWEEP_WORKER_ANALYSIS_DEPENDENCE_H_
#define PROBESWEEP_WORKER_ANALYSIS_DEPENDENCE_H_

#include <ATen/core/Tensor.h>

#include <optional>

#include "worker/analysis/kernel_rows.h"

namespace probesweep::worker {

// Of two samples of m ≥ 2 rows: fp64 [m, x's features], [m, t's features].
double BiasedHsic(const at::Tensor& x, const at::Tensor& t, KernelKind kernel, const HsicOptions& options);

// The same of a sample and binary labels (fp64 [m], 0 or 1), whose kernel is taken of the labels themselves.
double BiasedLabelHsic(const at::Tensor& t, const at::Tensor& labels, KernelKind kernel,
                       const HsicOptions& options);

// Unset when m < 4, or when a sample's own HSIC₁ is not above 0, as that of a constant sample.
std::optional<double> DebiasedCka(const at::Tensor& x, const at::Tensor& t);
std::optional<double> DebiasedLabelCka(const at::Tensor& t, const at::Tensor& labels);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_DEPENDENCE_H_
