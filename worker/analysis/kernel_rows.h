// Kernel matrices over the rows of a sample, made some rows at a time: a whole one is never needed to sum it
// up, and of a symmetric one the lower triangle is enough.
#ifndef PROBESWEEP_WORKER_ANALYSIS_KERNEL_ROWS_H_
#define PROBESWEEP_WORKER_ANALYSIS_KERNEL_ROWS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "absl/functional/function_ref.h"

namespace probesweep::worker {

// Of the normalised HSIC and of the biased HSIC with a Gaussian kernel.
struct HsicOptions {
  double sigma = 50;               // width of the Gaussian kernel
  double epsilon = 1e-5;           // of the regularisation a = ε m; the normalised HSIC only
  bool scale_by_dimension = true;  // the kernel's exponent is divided by the number of features
};

enum class KernelKind { kGaussian, kLinear };

// Kernels up to a constant that centring takes away:
//   Gaussian  exp(−‖zᵢ − zⱼ‖² / (2σ²·dim)) − 1, without dim if not scaled by dimension;
//   linear    (zᵢ − z̄)·(zⱼ − z̄).
// Less the constant, since all entries of a wide Gaussian kernel are near 1, and what they differ by is what
// counts: it keeps all its digits. Thread-safe.
class KernelRows {
 public:
  // `sample`: fp64 [m, dim]. Keeps a centred copy.
  KernelRows(const at::Tensor& sample, KernelKind kind, const HsicOptions& options);

  int64_t rows() const { return centred_.size(0); }
  // Writes rows [begin, end) up to and with the diagonal: `out` is fp64 [end − begin, end], of any strides.
  // Right of the diagonal, what falls in `out` is written too.
  void Fill(int64_t begin, int64_t end, const at::Tensor& out) const;

 private:
  const KernelKind kind_;
  at::Tensor
      centred_;  // [m, dim]; for the Gaussian kernel scaled, so that a squared distance is the exponent
  at::Tensor squares_;  // ‖centred row‖² [m]; Gaussian only
};

// Calls `each` with the bounds [begin, end) of blocks of rows that make up [0, rows), in order.
void ForEachRowBlock(int64_t rows, absl::FunctionRef<void(int64_t begin, int64_t end)> each);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_KERNEL_ROWS_H_
