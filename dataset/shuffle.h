// Randomness that is the same everywhere: the standard fixes the generator's bits, but not those of the
// library's own distributions and shuffles.
#ifndef PROBESWEEP_DATASET_SHUFFLE_H_
#define PROBESWEEP_DATASET_SHUFFLE_H_

#include <cstdint>
#include <random>
#include <vector>

namespace probesweep {

// Numbers drawn from a seed. Streams of one seed are independent of each other, so that drawing more in one
// place moves nothing in another. Not thread-safe.
class SeededRandom {
 public:
  SeededRandom(uint64_t seed, uint64_t stream);

  // Uniform in [0, bound); `bound` is above 0. Every value is exactly as likely.
  uint64_t Below(uint64_t bound);
  // Uniform in [0, 1), a multiple of 2⁻⁵³.
  double Uniform();

 private:
  std::mt19937_64 engine_;
};

// Streams of this library; further users count on from kFirstFreeStream.
inline constexpr uint64_t kGroupedSplitStream = 1;
inline constexpr uint64_t kPaperSplitStream = 2;
inline constexpr uint64_t kFirstFreeStream = 16;

// Puts `items` in an order drawn from `random` (Fisher and Yates); every order is as likely.
void Shuffle(std::vector<int64_t>& items, SeededRandom& random);

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_SHUFFLE_H_
