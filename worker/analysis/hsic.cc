#include "worker/analysis/hsic.h"

#include <ATen/ATen.h>

#include <cmath>
#include <tuple>

#include "absl/strings/str_cat.h"

namespace probesweep::worker {
namespace {

// H K H + a I of a Gaussian kernel over the rows of `sample`: fp64 [m, m].
at::Tensor CentredKernel(const at::Tensor& sample, const HsicOptions& options, double regularisation) {
  const double scale = -1.0 / (2 * options.sigma * options.sigma * static_cast<double>(sample.size(1)));
  at::Tensor kernel = at::mm(sample, sample.t());
  const at::Tensor squares = kernel.diagonal().clone();
  // Squared distances; rounding must not make one negative, nor a row differ from itself.
  kernel.mul_(-2.0).add_(squares.unsqueeze(0)).add_(squares.unsqueeze(1)).clamp_min_(0.0);
  kernel.diagonal().zero_();
  kernel.mul_(scale).exp_();
  const at::Tensor means = kernel.mean(0);
  kernel.sub_(means.unsqueeze(0)).sub_(means.unsqueeze(1)).add_(means.mean());
  kernel.diagonal().add_(regularisation);
  return kernel;
}

}  // namespace

absl::StatusOr<KernelInverse> InvertKernel(const at::Tensor& sample, const HsicOptions& options) {
  KernelInverse result;
  result.regularisation = options.epsilon * static_cast<double>(sample.size(0));
  const auto [factor, info] = at::linalg_cholesky_ex(CentredKernel(sample, options, result.regularisation));
  if (info.item<int>() != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the kernel of ", sample.size(0), " rows is not positive definite; choose a larger hsic_epsilon"));
  }
  result.inverse = at::cholesky_inverse(factor);
  result.trace = result.inverse.diagonal().sum().item<double>();
  return result;
}

double MutualInformation(const KernelInverse& x, const KernelInverse& t) {
  const double rows = static_cast<double>(t.inverse.size(0));
  const double a = t.regularisation;
  const double inner = x.inverse.reshape({-1}).dot(t.inverse.reshape({-1})).item<double>();
  return rows - a * x.trace - a * t.trace + a * a * inner;
}

double LabelInformation(const KernelInverse& t, const at::Tensor& labels, const HsicOptions& options) {
  const double a = t.regularisation;
  const at::Tensor centred = labels - labels.mean();
  const double squared = centred.dot(centred).item<double>();
  if (squared == 0) return 0;  // constant labels tell nothing
  const double lambda = -2 * std::expm1(-1 / (2 * options.sigma * options.sigma)) * squared;
  const double projected = centred.dot(at::mv(t.inverse, centred)).item<double>() / squared;
  return lambda / (lambda + a) * (1 - a * projected);
}

}  // namespace probesweep::worker
