#include "client/analysis/interval.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <map>

namespace probesweep::client {

double NormalHalfWidth(int comparisons) {
  const double tail = 0.05 / std::max(comparisons, 1);
  return boost::math::quantile(boost::math::complement(boost::math::normal(), tail / 2));
}

Interval DifferenceInterval(double a, double b, double rows, double z) {
  const Interval of_a = WilsonInterval(a, rows, z);
  const Interval of_b = WilsonInterval(b, rows, z);
  return {a - b - std::hypot(a - of_a.low, of_b.high - b), a - b + std::hypot(of_a.high - a, b - of_b.low)};
}

double EffectiveRows(const std::vector<int>& correct, const std::vector<int64_t>& groups) {
  const auto rows = static_cast<double>(correct.size());
  double share = 0;
  for (const int row : correct) share += row / rows;
  std::map<int64_t, double> deviations;  // of each group's rows from the share, summed
  for (size_t i = 0; i < correct.size(); ++i) deviations[groups[i]] += correct[i] - share;
  const auto group_count = static_cast<double>(deviations.size());
  if (group_count == rows) return rows;
  const double within = share * (1 - share) * rows;  // of independent rows
  if (within < 1e-9) return std::max(group_count, 1.0);
  if (group_count == 1) return 1;
  double between = 0;
  for (const auto& [group, deviation] : deviations) between += deviation * deviation;
  between *= group_count / (group_count - 1);
  return between > within ? std::max(rows * within / between, 1.0) : rows;
}

}  // namespace probesweep::client
