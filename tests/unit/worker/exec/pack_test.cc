#include "worker/exec/pack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace probesweep::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Statements = std::vector<std::vector<int64_t>>;

// (statements, length) of a chunk's runs.
std::vector<std::pair<int64_t, int64_t>> Runs(const PackedLayout& chunk) {
  std::vector<std::pair<int64_t, int64_t>> runs;
  for (const LengthRun& run : chunk.runs) runs.emplace_back(run.statements, run.length);
  return runs;
}

TEST(BuildPackTest, SortsByLengthThenByTokens) {
  const Pack pack = BuildPack({{9, 9, 9}, {5}, {7, 2}, {3}, {7, 1}}, 100);
  EXPECT_THAT(pack.ids, ElementsAre(3, 5, 7, 1, 7, 2, 9, 9, 9));
  EXPECT_THAT(pack.first_token, ElementsAre(0, 1, 2, 4, 6));
  EXPECT_THAT(pack.slot, ElementsAre(4, 1, 3, 0, 2));
  ASSERT_EQ(pack.chunks.size(), 1u);
  EXPECT_THAT(Runs(pack.chunks[0]), ElementsAre(std::pair(2, 1), std::pair(2, 2), std::pair(1, 3)));
  EXPECT_EQ(pack.tokens(), 9);
}

TEST(BuildPackTest, EqualStatementsShareARow) {
  const Pack pack = BuildPack({{1, 2}, {4}, {1, 2}, {4}, {4, 4}}, 100);
  EXPECT_THAT(pack.ids, ElementsAre(4, 1, 2, 4, 4));
  EXPECT_THAT(pack.slot, ElementsAre(1, 0, 1, 0, 2));
  EXPECT_EQ(pack.chunks[0].statements(), 3);
}

TEST(BuildPackTest, FileOrderPlaysNoPart) {
  const Pack one = BuildPack({{1, 2}, {3}, {4, 5, 6}, {3}}, 4);
  const Pack other = BuildPack({{4, 5, 6}, {3}, {1, 2}}, 4);
  EXPECT_EQ(one.ids, other.ids);
  EXPECT_EQ(one.first_token, other.first_token);
  ASSERT_EQ(one.chunks.size(), other.chunks.size());
  for (size_t i = 0; i < one.chunks.size(); ++i) EXPECT_EQ(Runs(one.chunks[i]), Runs(other.chunks[i]));
}

TEST(BuildPackTest, ChunksHoldWholeStatementsUpToTheirLimit) {
  // Lengths 1, 2, 2, 3, 6, 7 in chunks of 5.
  const Pack pack = BuildPack({{1}, {1, 1}, {1, 2}, {1, 1, 1}, {1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1}}, 5);
  ASSERT_EQ(pack.chunks.size(), 4u);
  EXPECT_THAT(Runs(pack.chunks[0]), ElementsAre(std::pair(1, 1), std::pair(2, 2))) << "exactly full";
  EXPECT_THAT(Runs(pack.chunks[1]), ElementsAre(std::pair(1, 3)));
  EXPECT_THAT(Runs(pack.chunks[2]), ElementsAre(std::pair(1, 6)))
      << "a long statement has a chunk of its own";
  EXPECT_THAT(Runs(pack.chunks[3]), ElementsAre(std::pair(1, 7)));
}

TEST(BuildPackTest, NoStatementsMakeAnEmptyPack) {
  const Pack pack = BuildPack({}, 5);
  EXPECT_THAT(pack.ids, IsEmpty());
  EXPECT_THAT(pack.chunks, IsEmpty());
}

TEST(PackedLayoutTest, CountsTokensAndStatements) {
  const PackedLayout layout{{{2, 1}, {3, 4}}};
  EXPECT_EQ(layout.tokens(), 14);
  EXPECT_EQ(layout.statements(), 5);
  EXPECT_EQ(layout.longest(), 4);
  EXPECT_EQ(PackedLayout().longest(), 0);
}

}  // namespace
}  // namespace probesweep::worker
