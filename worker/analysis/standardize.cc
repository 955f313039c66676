#include "worker/analysis/standardize.h"

#include <ATen/ATen.h>

namespace probesweep::worker {
namespace {

// In place: a layer's representations in fp64 are the largest thing that an analysis holds.
void StandardizeInPlace(at::Tensor& wide, const at::Tensor& mean, const at::Tensor& scale) {
  const at::Tensor constant = scale.eq(0);
  wide.sub_(mean).div_(scale.masked_fill(constant, 1.0));
  wide.masked_fill_(constant, 0.0);
}

at::Tensor WideCopy(const at::Tensor& x) { return x.to(at::kDouble, /*non_blocking=*/false, /*copy=*/true); }

}  // namespace

at::Tensor Standardized::Apply(const at::Tensor& x) const {
  at::Tensor wide = WideCopy(x);
  StandardizeInPlace(wide, mean, scale);
  return wide;
}

Standardized Standardize(const at::Tensor& x) {
  Standardized result;
  result.values = WideCopy(x);
  result.mean = result.values.mean(0);
  // By comparison: the mean of equal numbers may miss them by a rounding, and leave a deviation of 1e-17.
  const at::Tensor constant = result.values.eq(result.values.select(0, 0)).all(0);
  result.scale = at::std(result.values, 0, /*unbiased=*/true).masked_fill_(constant, 0.0);
  StandardizeInPlace(result.values, result.mean, result.scale);
  return result;
}

}  // namespace probesweep::worker
