#include "worker/text/merge_list.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/support/status_matchers.h"

namespace probesweep::worker {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs PairsOf(const MergeList& merges) {
  Pairs pairs;
  EXPECT_OK(merges.ForEach([&pairs](absl::string_view left, absl::string_view right) {
    pairs.emplace_back(left, right);
    return absl::OkStatus();
  }));
  return pairs;
}

TEST(MergeListTest, GivesBackPairsOfAnyBytesAndLengths) {
  Pairs pairs = {{"a", "b"}, {"", std::string("\0 \n", 3)}};
  for (const size_t length : {127, 128, 129, 16'383, 16'384, 300'000}) {
    pairs.emplace_back(std::string(length, 'x'), std::string(length, '\xFF'));
  }
  MergeList merges;
  for (const auto& [left, right] : pairs) merges.Add(left, right);
  EXPECT_EQ(merges.size(), pairs.size());
  EXPECT_EQ(PairsOf(merges), pairs);
}

TEST(MergeListTest, ReadsTheLinesOfAMergesTxt) {
  MergeList merges;
  for (const char* line : {"#version: 0.2", "a b", "# c", " d"}) merges.AddLine(line);
  EXPECT_EQ(PairsOf(merges), (Pairs{{"a", "b"}, {"#", "c"}, {"", "d"}}));
  EXPECT_EQ(merges.fault(), "");
}

TEST(MergeListTest, StopsAtWhatIsNoPair) {
  for (const char* line : {"", "ab", "a b c", "a  b"}) {
    MergeList merges;
    merges.AddLine("a b");
    merges.AddLine(line);
    merges.AddLine("c d");
    merges.Add("e", "f");
    merges.RefuseNext();
    EXPECT_EQ(merges.fault(), "merge 1 must be two tokens") << line;
    EXPECT_EQ(PairsOf(merges), (Pairs{{"a", "b"}})) << line;
  }
}

TEST(MergeListTest, EndsWithTheVisitorsError) {
  MergeList merges;
  merges.Add("a", "b");
  merges.Add("c", "d");
  int visited = 0;
  EXPECT_STATUS(merges.ForEach([&visited](absl::string_view, absl::string_view) {
    ++visited;
    return absl::DataLossError("no");
  }),
                kDataLoss, "no");
  EXPECT_EQ(visited, 1);
}

}  // namespace
}  // namespace probesweep::worker
