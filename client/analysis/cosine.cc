#include "client/analysis/cosine.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "client/analysis/interval.h"

namespace probesweep::client {

std::optional<double> Cosine(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return std::nullopt;
  double product = 0, a_squared = 0, b_squared = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    product += double{a[i]} * double{b[i]};
    a_squared += double{a[i]} * double{a[i]};
    b_squared += double{b[i]} * double{b[i]};
  }
  if (!(a_squared > 0 && b_squared > 0)) return std::nullopt;
  return std::clamp(product / (std::sqrt(a_squared) * std::sqrt(b_squared)), -1.0, 1.0);
}

std::vector<std::vector<std::optional<double>>> Cosines(const std::vector<std::vector<float>>& vectors) {
  const size_t count = vectors.size();
  std::vector<std::vector<std::optional<double>>> cosines(count, std::vector<std::optional<double>>(count));
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = 0; j <= i; ++j) cosines[i][j] = cosines[j][i] = Cosine(vectors[i], vectors[j]);
  }
  return cosines;
}

double ChanceCosine(size_t hidden) { return NormalHalfWidth(1) / std::sqrt(static_cast<double>(hidden)); }

}  // namespace probesweep::client
