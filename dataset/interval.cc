#include "dataset/interval.h"

#include <algorithm>
#include <cmath>

namespace probesweep {

Interval WilsonInterval(double share, double trials, double quantile) {
  const double square = quantile * quantile / trials;
  const double centre = (share + square / 2) / (1 + square);
  const double half =
      quantile / (1 + square) * std::sqrt(share * (1 - share) / trials + square / (4 * trials));
  return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

}  // namespace probesweep
