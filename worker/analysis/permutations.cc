#include "worker/analysis/permutations.h"

#include <map>
#include <numeric>
#include <utility>

namespace probesweep::worker {

RowPermutations::RowPermutations(const std::vector<int64_t>& groups)
    : rows_(static_cast<int64_t>(groups.size())) {
  std::map<int64_t, std::vector<int64_t>> rows_of;  // by group
  for (int64_t row = 0; row < rows_; ++row) rows_of[groups[static_cast<size_t>(row)]].push_back(row);
  std::map<size_t, std::vector<std::vector<int64_t>>> by_size;
  for (auto& [group, rows] : rows_of) by_size[rows.size()].push_back(std::move(rows));
  unrestricted_ = by_size.empty() || (by_size.size() == 1 && by_size.begin()->first == 1);
  for (auto& [size, of_size] : by_size) by_size_.push_back(std::move(of_size));
}

std::vector<int64_t> RowPermutations::Draw(SeededRandom& random) const {
  std::vector<int64_t> source(static_cast<size_t>(rows_));
  for (const std::vector<std::vector<int64_t>>& groups : by_size_) {
    std::vector<int64_t> order(groups.size());
    std::iota(order.begin(), order.end(), 0);
    Shuffle(order, random);
    for (size_t i = 0; i < groups.size(); ++i) {
      std::vector<int64_t> rows = groups[static_cast<size_t>(order[i])];
      Shuffle(rows, random);
      for (size_t j = 0; j < rows.size(); ++j) source[static_cast<size_t>(groups[i][j])] = rows[j];
    }
  }
  return source;
}

}  // namespace probesweep::worker
