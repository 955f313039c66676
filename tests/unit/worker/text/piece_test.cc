#include "worker/text/piece.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace probesweep::worker {
namespace {

using Texts = std::vector<std::string>;

Texts Cut(const std::string& text, SplitBehavior behavior) {
  std::vector<Piece> pieces;
  CutPiece({text, true}, SpansOfString(text, "-"), behavior, &pieces);
  Texts texts;
  for (const Piece& piece : pieces) texts.push_back(piece.text);
  return texts;
}

TEST(CutPieceTest, TreatsMatchesAsTheBehaviourSays) {
  const std::string text = "the-final--countdown";
  EXPECT_EQ(Cut(text, SplitBehavior::kRemoved), (Texts{"the", "final", "countdown"}));
  EXPECT_EQ(Cut(text, SplitBehavior::kIsolated), (Texts{"the", "-", "final", "-", "-", "countdown"}));
  EXPECT_EQ(Cut(text, SplitBehavior::kMergedWithPrevious), (Texts{"the-", "final-", "-", "countdown"}));
  EXPECT_EQ(Cut(text, SplitBehavior::kMergedWithNext), (Texts{"the", "-final", "-", "-countdown"}));
  EXPECT_EQ(Cut(text, SplitBehavior::kContiguous), (Texts{"the", "-", "final", "--", "countdown"}));
}

TEST(CutPieceTest, HandlesMatchesAtTheEnds) {
  EXPECT_EQ(Cut("-a-", SplitBehavior::kRemoved), (Texts{"a"}));
  EXPECT_EQ(Cut("-a-", SplitBehavior::kMergedWithPrevious), (Texts{"-", "a-"}));
  EXPECT_EQ(Cut("-a-", SplitBehavior::kMergedWithNext), (Texts{"-a", "-"}));
  EXPECT_EQ(Cut("", SplitBehavior::kIsolated), Texts{});
  EXPECT_EQ(Cut("--", SplitBehavior::kRemoved), Texts{});
}

TEST(CutPieceTest, OnlyThePartAtTheStartIsAtTheStart) {
  for (const bool at_start : {true, false}) {
    std::vector<Piece> pieces;
    CutPiece({"a-b", at_start}, SpansOfString("a-b", "-"), SplitBehavior::kIsolated, &pieces);
    ASSERT_EQ(pieces.size(), 3u);
    EXPECT_EQ(pieces[0].at_start, at_start);
    EXPECT_FALSE(pieces[1].at_start);
    EXPECT_FALSE(pieces[2].at_start);
  }
}

TEST(CutPieceTest, ARemovedStartLeavesNoPartAtTheStart) {
  std::vector<Piece> pieces;
  CutPiece({"-b", true}, SpansOfString("-b", "-"), SplitBehavior::kRemoved, &pieces);
  ASSERT_EQ(pieces.size(), 1u);
  EXPECT_FALSE(pieces[0].at_start);
}

TEST(SpansTest, CoverTheText) {
  const std::vector<Span> spans = SpansOfString("aXXbXXX", "XX");
  std::string seen;
  for (const Span& span : spans) seen += std::to_string(span.begin) + (span.is_match ? "!" : "-");
  EXPECT_EQ(seen, "0-1!3-4!6-");
}

TEST(SpansTest, CharactersMatchOneByOneInBytes) {
  const std::vector<Span> spans = SpansOfCharacters("é€€x", [](char32_t c) { return c == U'€'; });
  ASSERT_EQ(spans.size(), 4u);
  EXPECT_EQ(spans[1].begin, 2u);
  EXPECT_EQ(spans[1].end, 5u);
  EXPECT_TRUE(spans[2].is_match);
  EXPECT_FALSE(spans[3].is_match);
  EXPECT_EQ(spans[3].end, 9u);
}

}  // namespace
}  // namespace probesweep::worker
