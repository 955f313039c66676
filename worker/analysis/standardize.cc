#include "worker/analysis/standardize.h"

#include <ATen/ATen.h>

namespace probesweep::worker {

Standardized Standardize(const at::Tensor& x) {
  Standardized result;
  const at::Tensor wide = x.to(at::kDouble);
  result.mean = wide.mean(0);
  // By comparison: the mean of equal numbers may miss them by a rounding, and leave a deviation of 1e-17.
  const at::Tensor constant = wide.eq(wide.select(0, 0)).all(0);
  result.scale = at::std(wide, 0, /*unbiased=*/true).masked_fill_(constant, 0.0);
  result.values = (wide - result.mean).div_(result.scale.masked_fill(result.scale.eq(0), 1.0));
  result.values.masked_fill_(constant, 0.0);
  return result;
}

}  // namespace probesweep::worker
