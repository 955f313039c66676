// What mutual information chance alone gives: the information of samples whose rows have been put in another
// order, so that nothing but chance ties them together. Estimates are above 0 on independent data, the more
// the more dimensions the kernels see; the mean over all orders is what to take off.
//
// With R = I − a A⁻¹ (hsic.h), every row of R sums to 0, and over all orders P of m rows
//   E⟨R_x, P R_t Pᵀ⟩ = tr R_x tr R_t / (m − 1),
// from E⟨A, P B Pᵀ⟩ = tr A tr B / m + off(A) off(B) / (m (m − 1)), off(·) the sum off the diagonal. With the
// labels' R = λ/(λ+a) u uᵀ that is λ/(λ+a) · tr R_t / (m − 1).
#ifndef PROBESWEEP_WORKER_ANALYSIS_INFORMATION_NULL_H_
#define PROBESWEEP_WORKER_ANALYSIS_INFORMATION_NULL_H_

#include <ATen/core/Tensor.h>

#include "worker/analysis/hsic.h"

namespace probesweep::worker {

struct NullDistribution {
  double mean = 0;  // over all orders of the rows, exact
  // (1 + #{drawn orders with at least the observed information}) / (drawn orders + 1): at most α with
  // probability at most α on independent data, whatever the number of draws (Phipson & Smyth, 2010).
  double p = 1;
  double drawn_mean = 0;  // over the drawn orders; the one to take where groups of rows restrict these
};

// Of I(Y;T). `permuted_labels`: fp64 [permutations, m], each row the labels in a drawn order; `observed`:
// what LabelInformation gives for the order observed. At least one permutation. One matrix product.
NullDistribution LabelInformationNull(const KernelInverse& t, const at::Tensor& permuted_labels,
                                      double observed, const HsicOptions& options);

// Of I(X;T). `permutations`: int64 [permutations, m], each row an order of 0 … m − 1; `observed`: what
// MutualInformation gives for the order observed. Reads half of both inverses for each permutation, and takes
// no memory for a matrix [m, m].
NullDistribution MutualInformationNull(const KernelInverse& x, const KernelInverse& t,
                                       const at::Tensor& permutations, double observed);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_INFORMATION_NULL_H_
