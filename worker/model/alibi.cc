#include "worker/model/alibi.h"

#include <ATen/ATen.h>

#include <cmath>

namespace probesweep::worker {
namespace {

// The ratio of the geometric series for a number of heads that is a power of two, which is its first term
// too.
double Ratio(int64_t heads) { return std::exp2(-8.0 / static_cast<double>(heads)); }

at::Tensor Powers(double ratio, const at::Tensor& exponents) {
  return at::pow(at::full({}, ratio, at::kFloat), exponents);
}

}  // namespace

at::Tensor AlibiSlopes(int64_t heads) {
  int64_t power = 1;  // the largest power of two that is at most `heads`
  while (2 * power <= heads) power *= 2;
  const at::Tensor slopes = Powers(Ratio(power), at::arange(1, power + 1, at::kInt));
  if (power == heads) return slopes;
  // The other heads get every second slope of twice as many heads: those that lie between the first ones.
  const int64_t others = heads - power;
  return at::cat({slopes, Powers(Ratio(2 * power), at::arange(1, 2 * others, 2, at::kInt))});
}

at::Tensor Alibi::Biases(int64_t keys) const {
  const at::ScalarType type = options.rounded ? at::kBFloat16 : at::kFloat;
  const at::Tensor positions = at::arange(keys, at::kFloat).to(type);
  return (slopes.to(type).unsqueeze(1) * positions).to(at::kFloat).div_(options.divisor);
}

}  // namespace probesweep::worker
