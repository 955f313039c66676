// Orders of a dataset's rows that are as likely as the observed one when nothing is to be found.
#ifndef PROBESWEEP_WORKER_ANALYSIS_PERMUTATIONS_H_
#define PROBESWEEP_WORKER_ANALYSIS_PERMUTATIONS_H_

#include <cstdint>
#include <vector>

#include "dataset/shuffle.h"

namespace probesweep::worker {

// Streams of SeededRandom.
inline constexpr uint64_t kControlTaskStream = kFirstFreeStream;
inline constexpr uint64_t kInformationStream = kFirstFreeStream + 1;

// The seed of split `index` (below 1,000) under a configuration's seed (at most 2⁵³): no two are the same.
inline uint64_t SplitSeed(int64_t seed, int64_t index) {
  return static_cast<uint64_t>(seed) * 1000 + static_cast<uint64_t>(index);
}

// Rows of one group resemble each other, so that shuffling all rows alike would compare the data with data
// that have no groups, and find too much. Here groups of one size change places as wholes, then the rows
// within each group do. Without groups (every row its own) that is every order of the rows, each as likely.
// Thread-safe.
class RowPermutations {
 public:
  // `groups`: the group of each row, any numbers.
  explicit RowPermutations(const std::vector<int64_t>& groups);

  // The row that comes to each row's place.
  std::vector<int64_t> Draw(SeededRandom& random) const;

  // Every order of the rows can be drawn.
  bool unrestricted() const { return unrestricted_; }

 private:
  int64_t rows_ = 0;
  bool unrestricted_ = false;
  // The groups of each size that there is: one list of rows a group.
  std::vector<std::vector<std::vector<int64_t>>> by_size_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_PERMUTATIONS_H_
