#include "dataset/shuffle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

namespace probesweep {
namespace {

using ::testing::ElementsAre;

std::vector<uint64_t> Draws(SeededRandom random, int count) {
  std::vector<uint64_t> draws;
  for (int i = 0; i < count; ++i) draws.push_back(random.Below(1000));
  return draws;
}

std::vector<int64_t> UpTo(int64_t count) {
  std::vector<int64_t> items(static_cast<size_t>(count));
  std::iota(items.begin(), items.end(), 0);
  return items;
}

// From the standard's definition of seed_seq and mt19937_64, written out in Python.
TEST(SeededRandomTest, GivesTheSameNumbersEverywhere) {
  EXPECT_THAT(Draws(SeededRandom(7, 1), 6), ElementsAre(375, 489, 364, 792, 118, 600));
  EXPECT_THAT(Draws(SeededRandom(7, 2), 6), ElementsAre(196, 397, 568, 486, 68, 991)) << "another stream";
  EXPECT_THAT(Draws(SeededRandom((uint64_t{1} << 40) + 7, 1), 3), ElementsAre(187, 897, 842))
      << "all bits of the seed count";
  SeededRandom random(7, 1);
  EXPECT_EQ(random.Uniform(), 0.15299213195691563);
  EXPECT_EQ(random.Uniform(), 0.6930134353280006);
}

TEST(SeededRandomTest, DrawsAreBelowTheBoundAndEven) {
  SeededRandom random(1, 1);
  std::vector<int> counts(3);
  // A bound that 2⁶⁴ is no multiple of: of the first three halves of it, the lowest would come up twice as
  // often if draws were only reduced.
  const uint64_t bound = uint64_t{3} << 62;
  for (int i = 0; i < 30000; ++i) ++counts[random.Below(bound) >> 62];
  for (const int count : counts) EXPECT_NEAR(count, 10000, 400);
  EXPECT_EQ(random.Below(1), 0u);
}

TEST(ShuffleTest, GivesTheSameOrderEverywhere) {
  std::vector<int64_t> items = UpTo(10);
  SeededRandom random(7, 1);
  Shuffle(items, random);
  EXPECT_THAT(items, ElementsAre(7, 6, 9, 8, 0, 2, 3, 4, 1, 5));
}

TEST(ShuffleTest, EveryOrderIsAsLikely) {
  std::map<std::vector<int64_t>, int> counts;
  SeededRandom random(3, 1);
  for (int i = 0; i < 24000; ++i) {
    std::vector<int64_t> items = UpTo(4);
    Shuffle(items, random);
    ++counts[items];
  }
  EXPECT_EQ(counts.size(), 24u);
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 1000, 130);
}

TEST(ShuffleTest, TakesNoneAndOne) {
  SeededRandom random(3, 1);
  std::vector<int64_t> none, one = {5};
  Shuffle(none, random);
  Shuffle(one, random);
  EXPECT_THAT(none, ElementsAre());
  EXPECT_THAT(one, ElementsAre(5));
}

}  // namespace
}  // namespace probesweep
