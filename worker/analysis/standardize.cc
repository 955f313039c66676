#include "worker/analysis/standardize.h"

#include <ATen/ATen.h>

namespace probesweep::worker {

Standardized Standardize(const at::Tensor& x) {
  Standardized result;
  const at::Tensor wide = x.to(at::kDouble);
  result.mean = wide.mean(0);
  result.scale = at::std(wide, 0, /*unbiased=*/true);
  const at::Tensor constant = result.scale.eq(0);
  result.values = (wide - result.mean).div_(result.scale.masked_fill(constant, 1.0));
  // The mean of equal numbers may miss them by a rounding: exactly 0, not 1e-17.
  result.values.masked_fill_(wide.eq(wide.select(0, 0)).all(0), 0.0);
  return result;
}

}  // namespace probesweep::worker
