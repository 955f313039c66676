#include "dataset/shuffle.h"

#include <utility>

namespace probesweep {
namespace {

std::mt19937_64 Seeded(uint64_t seed, uint64_t stream) {
  std::seed_seq words{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32),
                      static_cast<uint32_t>(stream), static_cast<uint32_t>(stream >> 32)};
  return std::mt19937_64(words);
}

}  // namespace

SeededRandom::SeededRandom(uint64_t seed, uint64_t stream) : engine_(Seeded(seed, stream)) {}

uint64_t SeededRandom::Below(uint64_t bound) {
  // The lowest 2⁶⁴ mod bound draws would make small remainders likelier.
  const uint64_t uneven = (UINT64_MAX % bound + 1) % bound;
  uint64_t drawn = engine_();
  while (drawn < uneven) drawn = engine_();
  return drawn % bound;
}

double SeededRandom::Uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }

void Shuffle(std::vector<int64_t>& items, SeededRandom& random) {
  for (size_t left = items.size(); left > 1; --left) {
    std::swap(items[left - 1], items[random.Below(left)]);
  }
}

}  // namespace probesweep
