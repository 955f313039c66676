#include "worker/analysis/control_task.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdint>

namespace probesweep::worker {
namespace {

constexpr int kMaxDraws = 100;

}  // namespace

std::optional<ControlLabels> DrawControlLabels(const std::vector<int>& labels,
                                               const RowPermutations& permutations, const Split& split,
                                               SeededRandom& random) {
  for (int draw = 0; draw < kMaxDraws; ++draw) {
    const std::vector<int64_t> source = permutations.Draw(random);
    const auto label = [&](int64_t row) {
      return labels[static_cast<size_t>(source[static_cast<size_t>(row)])];
    };
    std::vector<double> train;
    for (const int64_t row : split.train) train.push_back(label(row));
    const auto ones = std::count(train.begin(), train.end(), 1.0);
    if (ones == 0 || ones == static_cast<int64_t>(train.size())) continue;
    ControlLabels control{at::tensor(train, at::kDouble), {}};
    for (const int64_t row : split.test) control.test.push_back(label(row));
    return control;
  }
  return std::nullopt;
}

}  // namespace probesweep::worker
