#include "worker/analysis/permutations.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace probesweep::worker {
namespace {

using Order = std::vector<int64_t>;

std::map<Order, int> DrawMany(const std::vector<int64_t>& groups, int draws) {
  const RowPermutations permutations(groups);
  SeededRandom random(3, kInformationStream);
  std::map<Order, int> drawn;
  for (int i = 0; i < draws; ++i) ++drawn[permutations.Draw(random)];
  return drawn;
}

TEST(RowPermutationsTest, WithoutGroupsEveryOrderIsAsLikely) {
  EXPECT_TRUE(RowPermutations({0, 1, 2, 3}).unrestricted());
  const auto drawn = DrawMany({0, 1, 2, 3}, 24000);
  ASSERT_EQ(drawn.size(), 24u);
  for (const auto& [order, count] : drawn) EXPECT_NEAR(count, 1000, 150);
}

TEST(RowPermutationsTest, GroupsOfOneSizeChangePlacesAsWholesAndRowsWithinThem) {
  EXPECT_FALSE(RowPermutations({7, 5, 7, 5}).unrestricted());
  const auto drawn = DrawMany({7, 5, 7, 5}, 8000);
  // Two orders of the groups, two within each.
  ASSERT_EQ(drawn.size(), 8u);
  for (const auto& [order, count] : drawn) {
    EXPECT_NEAR(count, 1000, 150);
    EXPECT_EQ(order[0] % 2, order[2] % 2) << "rows 0 and 2 hold one group's rows";
    EXPECT_EQ(order[1] % 2, order[3] % 2);
  }
}

TEST(RowPermutationsTest, AGroupOfItsOwnSizeKeepsItsPlace) {
  for (const auto& [order, count] : DrawMany({0, 1, 1, 1, 2}, 1000)) {
    EXPECT_EQ((std::set<int64_t>{order[1], order[2], order[3]}), (std::set<int64_t>{1, 2, 3}));
    EXPECT_EQ((std::set<int64_t>{order[0], order[4]}), (std::set<int64_t>{0, 4}));
  }
}

TEST(RowPermutationsTest, EveryDrawHoldsEachRowOnce) {
  std::vector<int64_t> groups;
  for (int64_t row = 0; row < 60; ++row) groups.push_back(row * row % 17);
  for (const auto& [drawn, count] : DrawMany(groups, 20)) {
    Order order = drawn;
    std::sort(order.begin(), order.end());
    for (int64_t row = 0; row < 60; ++row) EXPECT_EQ(order[static_cast<size_t>(row)], row);
  }
}

TEST(SplitSeedTest, DiffersForEverySplitOfEverySeed) {
  std::set<uint64_t> seeds;
  for (const int64_t seed : {int64_t{0}, int64_t{1}, int64_t{2}, int64_t{1} << 53}) {
    for (int64_t index = 0; index < 1000; ++index) seeds.insert(SplitSeed(seed, index));
  }
  EXPECT_EQ(seeds.size(), 4000u);
}

}  // namespace
}  // namespace probesweep::worker
