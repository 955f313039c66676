#include "worker/analysis/hsic.h"

#include <ATen/ATen.h>

#include <cmath>

#include "absl/strings/str_cat.h"

namespace probesweep::worker {
namespace {

// H K H + a I of a Gaussian kernel over the rows of `sample`: fp64 [m, m], of which the entries right of the
// diagonal may be anything.
at::Tensor LowerCentredKernel(const at::Tensor& sample, const HsicOptions& options, double regularisation) {
  const KernelRows kernel(sample, KernelKind::kGaussian, options);
  const int64_t rows = kernel.rows();
  at::Tensor matrix = at::empty({rows, rows}, at::kDouble);
  at::Tensor means = at::zeros({rows}, at::kDouble);
  ForEachRowBlock(rows, [&](int64_t begin, int64_t end) {
    const at::Tensor block = matrix.narrow(0, begin, end - begin).narrow(1, 0, end);
    kernel.Fill(begin, end, block);
    means.narrow(0, begin, end - begin).add_(block.sum(1));
    means.narrow(0, 0, begin).add_(block.narrow(1, 0, begin).sum(0));  // the same entries, mirrored
  });
  means.div_(static_cast<double>(rows));
  const at::Tensor less_half = means - 0.5 * means.mean();  // the mean of all comes off once, by halves
  ForEachRowBlock(rows, [&](int64_t begin, int64_t end) {
    matrix.narrow(0, begin, end - begin)
        .narrow(1, 0, end)
        .sub_(less_half.narrow(0, 0, end))
        .sub_(less_half.narrow(0, begin, end - begin).unsqueeze(1));
  });
  matrix.diagonal().add_(regularisation);
  return matrix;
}

}  // namespace

double KernelInverse::EffectiveDimensions() const {
  return static_cast<double>(inverse.size(0)) - regularisation * trace;
}

absl::StatusOr<KernelInverse> InvertKernel(const at::Tensor& sample, const HsicOptions& options) {
  KernelInverse result;
  result.regularisation = options.epsilon * static_cast<double>(sample.size(0));
  // Transposed, the matrix lies column by column, as LAPACK has it: factored and inverted where it is.
  at::Tensor matrix = LowerCentredKernel(sample, options, result.regularisation).t();
  at::Tensor info = at::empty({}, at::kInt);
  at::linalg_cholesky_ex_out(matrix, info, matrix, /*upper=*/true);
  if (info.item<int>() != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the kernel of ", sample.size(0), " rows is not positive definite; choose a larger hsic_epsilon"));
  }
  at::cholesky_inverse_out(matrix, matrix, /*upper=*/true);
  result.inverse = matrix.t();
  result.trace = result.inverse.diagonal().sum().item<double>();
  return result;
}

double MutualInformation(const KernelInverse& x, const KernelInverse& t) {
  const double inner = x.inverse.reshape({-1}).dot(t.inverse.reshape({-1})).item<double>();
  return x.EffectiveDimensions() - t.regularisation * t.trace + x.regularisation * t.regularisation * inner;
}

double LabelEigenvalue(const at::Tensor& labels, const HsicOptions& options) {
  const at::Tensor centred = labels - labels.mean();
  return -2 * std::expm1(-1 / (2 * options.sigma * options.sigma)) * centred.dot(centred).item<double>();
}

double LabelInformation(const KernelInverse& t, const at::Tensor& labels, const HsicOptions& options) {
  const double a = t.regularisation;
  const at::Tensor centred = labels - labels.mean();
  const double squared = centred.dot(centred).item<double>();
  if (squared == 0) return 0;  // constant labels tell nothing
  const double lambda = LabelEigenvalue(labels, options);
  const double projected = centred.dot(at::mv(t.inverse, centred)).item<double>() / squared;
  return lambda / (lambda + a) * (1 - a * projected);
}

}  // namespace probesweep::worker
