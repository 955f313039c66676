#include "worker/exec/pack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace probesweep::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Statements = std::vector<std::vector<int64_t>>;

Pack PackApart(const Statements& statements, int64_t chunk_rows) {
  return BuildPack(statements, {chunk_rows, /*share_prefixes=*/false});
}

// (statements, length) of a chunk's runs.
std::vector<std::pair<int64_t, int64_t>> Runs(const PackedLayout& chunk) {
  std::vector<std::pair<int64_t, int64_t>> runs;
  for (const LengthRun& run : chunk.runs) runs.emplace_back(run.statements, run.length);
  return runs;
}

TEST(BuildPackTest, StatementsApartStandByLengthThenByTokens) {
  const Pack pack = PackApart({{9, 9, 9}, {5}, {7, 2}, {3}, {7, 1}}, 100);
  EXPECT_THAT(pack.ids, ElementsAre(3, 5, 7, 1, 7, 2, 9, 9, 9));
  EXPECT_THAT(pack.first_token, ElementsAre(0, 1, 2, 4, 6));
  EXPECT_THAT(pack.RowsOf(3), ElementsAre(4, 5));
  EXPECT_THAT(pack.RowsOf(4), ElementsAre(6, 7, 8));
  EXPECT_THAT(pack.slot, ElementsAre(4, 1, 3, 0, 2));
  ASSERT_EQ(pack.chunks.size(), 1u);
  EXPECT_EQ(pack.chunks[0].shared, nullptr);
  EXPECT_THAT(Runs(pack.chunks[0]), ElementsAre(std::pair(2, 1), std::pair(2, 2), std::pair(1, 3)));
  EXPECT_EQ(pack.rows(), 9);
}

TEST(BuildPackTest, EqualStatementsAreOne) {
  for (const bool share_prefixes : {false, true}) {
    const Pack pack = BuildPack({{1, 2}, {4}, {1, 2}, {4}, {5, 4}}, {100, share_prefixes});
    EXPECT_EQ(pack.rows(), 5);
    EXPECT_EQ(pack.chunks[0].statements(), 3);
    EXPECT_EQ(pack.slot[0], pack.slot[2]);
    EXPECT_EQ(pack.slot[1], pack.slot[3]);
    EXPECT_THAT((std::set<int64_t>(pack.slot.begin(), pack.slot.end())), ElementsAre(0, 1, 2));
  }
}

TEST(BuildPackTest, FileOrderPlaysNoPart) {
  for (const bool share_prefixes : {false, true}) {
    const Pack one = BuildPack({{1, 2}, {3}, {4, 5, 6}, {3}, {1, 7}}, {4, share_prefixes});
    const Pack other = BuildPack({{4, 5, 6}, {1, 7}, {3}, {1, 2}}, {4, share_prefixes});
    EXPECT_EQ(one.ids, other.ids);
    EXPECT_EQ(one.token_rows, other.token_rows);
    ASSERT_EQ(one.chunks.size(), other.chunks.size());
    for (size_t i = 0; i < one.chunks.size(); ++i) EXPECT_EQ(Runs(one.chunks[i]), Runs(other.chunks[i]));
  }
}

TEST(BuildPackTest, ChunksHoldWholeStatementsUpToTheirLimit) {
  // Lengths 1, 2, 2, 3, 6, 7 in chunks of 5.
  const Pack pack = PackApart({{1}, {1, 1}, {1, 2}, {1, 1, 1}, {1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1}}, 5);
  ASSERT_EQ(pack.chunks.size(), 4u);
  EXPECT_THAT(Runs(pack.chunks[0]), ElementsAre(std::pair(1, 1), std::pair(2, 2))) << "exactly full";
  EXPECT_THAT(Runs(pack.chunks[1]), ElementsAre(std::pair(1, 3)));
  EXPECT_THAT(Runs(pack.chunks[2]), ElementsAre(std::pair(1, 6)))
      << "a long statement has a chunk of its own";
  EXPECT_THAT(Runs(pack.chunks[3]), ElementsAre(std::pair(1, 7)));
}

TEST(BuildPackTest, NoStatementsMakeAnEmptyPack) {
  const Pack pack = BuildPack({}, {});
  EXPECT_THAT(pack.ids, IsEmpty());
  EXPECT_THAT(pack.chunks, IsEmpty());
}

// 7 ─ 1 ─ 2      rows 0 1 2
//       └ 3           3
//   └ 4               4
TEST(BuildPackTest, TokensAfterTheSamePrefixAreOneRow) {
  const Pack pack = BuildPack({{7, 1, 3}, {7, 4}, {7, 1, 2}, {7, 1}}, {100});
  EXPECT_THAT(pack.ids, ElementsAre(7, 1, 2, 3, 4));
  ASSERT_EQ(pack.chunks.size(), 1u);
  const PackedLayout& chunk = pack.chunks[0];
  // By length: 7 1 | 7 4 | 7 1 2 | 7 1 3.
  EXPECT_THAT(Runs(chunk), ElementsAre(std::pair(2, 2), std::pair(2, 3)));
  EXPECT_THAT(pack.slot, ElementsAre(3, 1, 2, 0));
  EXPECT_EQ(chunk.rows(), 5);
  EXPECT_EQ(chunk.tokens(), 10);
  EXPECT_THAT(chunk.shared->row_of_token, ElementsAre(0, 1, 0, 4, 0, 1, 2, 0, 1, 3));
  EXPECT_THAT(chunk.shared->position_of_row, ElementsAre(0, 1, 2, 2, 1));
  EXPECT_THAT(chunk.shared->last_row, ElementsAre(1, 4, 2, 3));
  for (int64_t row = 0; row < 5; ++row) {
    const auto token = static_cast<size_t>(chunk.shared->token_of_row[static_cast<size_t>(row)]);
    EXPECT_EQ(chunk.shared->row_of_token[token], row);
  }
}

TEST(BuildPackTest, ChunksShareNothingWithEachOther) {
  // 7 1 | 7 2 | 7 3 take 2 + 1 + 1 rows.
  const Pack pack = BuildPack({{7, 1}, {7, 2}, {7, 3}}, {3});
  ASSERT_EQ(pack.chunks.size(), 2u);
  EXPECT_THAT(pack.ids, ElementsAre(7, 1, 2, 7, 3));
  EXPECT_THAT(pack.RowsOf(pack.slot[2]), ElementsAre(3, 4));
  EXPECT_THAT(pack.chunks[1].shared->row_of_token, ElementsAre(0, 1)) << "counted within the chunk";
}

TEST(BuildPackTest, AttentionDoesNotOutgrowAChunk) {
  Statements statements;
  for (int64_t i = 0; i < 100; ++i) {
    statements.emplace_back(50, 7);
    statements.back().back() = i + 10;
  }
  const Pack pack = BuildPack(statements, {200});  // all would have 149 rows
  for (const PackedLayout& chunk : pack.chunks) EXPECT_LE(chunk.tokens(), 800);
  EXPECT_EQ(pack.chunks.size(), 7u);
}

TEST(BuildPackTest, LongStatementsShareNothingWhereTheyMustNot) {
  const Pack pack = BuildPack({{7, 1, 2}, {7, 1}, {7, 1, 3}, {7, 2}}, {100, true, /*longest_shareable=*/2});
  ASSERT_EQ(pack.chunks.size(), 2u);
  EXPECT_THAT(pack.ids, ElementsAre(7, 1, 2, 7, 1, 2, 7, 1, 3));
  EXPECT_NE(pack.chunks[0].shared, nullptr);
  EXPECT_EQ(pack.chunks[1].shared, nullptr);
  EXPECT_THAT(pack.RowsOf(pack.slot[2]), ElementsAre(6, 7, 8));
}

TEST(BuildPackTest, EveryStatementIsFoundInItsRows) {
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    Statements statements(60);
    for (std::vector<int64_t>& statement : statements) {
      for (uint64_t length = 1 + random() % 9; statement.size() < length;) statement.push_back(random() % 3);
    }
    std::set<std::vector<int64_t>> prefixes;
    for (const std::vector<int64_t>& statement : statements) {
      for (size_t i = 1; i <= statement.size(); ++i) {
        prefixes.insert({statement.begin(), statement.begin() + static_cast<std::ptrdiff_t>(i)});
      }
    }
    const int64_t chunk_rows = round % 2 == 0 ? 1000 : 25;
    const Pack pack = BuildPack(statements, {chunk_rows, true, round % 3 == 0 ? 5 : 0});
    for (size_t i = 0; i < statements.size(); ++i) {
      std::vector<int64_t> found;
      for (const int64_t row : pack.RowsOf(pack.slot[i])) found.push_back(pack.ids[static_cast<size_t>(row)]);
      EXPECT_EQ(found, statements[i]);
    }
    if (chunk_rows == 1000 && round % 3 != 0) {
      EXPECT_EQ(pack.rows(), static_cast<int64_t>(prefixes.size()));
    }
  }
}

TEST(ChunkRowsTest, WideModelsTakeFewerRows) {
  EXPECT_EQ(ChunkRows(64), 4096);
  EXPECT_EQ(ChunkRows(1024), 4096);
  EXPECT_EQ(ChunkRows(1025), 2048);
  EXPECT_EQ(ChunkRows(4096), 1024);
  EXPECT_EQ(ChunkRows(8192), 512);
  EXPECT_EQ(ChunkRows(1 << 20), 256);
}

TEST(PackedLayoutTest, CountsTokensAndStatements) {
  const PackedLayout layout{{{2, 1}, {3, 4}}};
  EXPECT_EQ(layout.tokens(), 14);
  EXPECT_EQ(layout.rows(), 14);
  EXPECT_EQ(layout.statements(), 5);
  EXPECT_EQ(layout.longest(), 4);
  EXPECT_EQ(PackedLayout().longest(), 0);
}

}  // namespace
}  // namespace probesweep::worker
