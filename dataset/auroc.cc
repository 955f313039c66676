#include "dataset/auroc.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>

namespace probesweep {

std::optional<double> Auroc(const std::vector<double>& scores, const std::vector<int>& labels) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] < scores[b]; });
  // Whole numbers, so that the result does not hang on the order of addition: a tie counts 1 here, a pair 2.
  int64_t ordered_pairs = 0;
  int64_t zeros_below = 0;
  for (size_t begin = 0; begin < order.size();) {
    int64_t zeros = 0, ones = 0;
    size_t end = begin;
    do {
      ++(labels[order[end]] == 1 ? ones : zeros);
      ++end;
    } while (end < order.size() && scores[order[end]] == scores[order[begin]]);
    ordered_pairs += ones * (2 * zeros_below + zeros);
    zeros_below += zeros;
    begin = end;
  }
  const int64_t ones = static_cast<int64_t>(order.size()) - zeros_below;
  if (ones == 0 || zeros_below == 0) return std::nullopt;
  return static_cast<double>(ordered_pairs) /
         (2.0 * static_cast<double>(ones) * static_cast<double>(zeros_below));
}

}  // namespace probesweep
