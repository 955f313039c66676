#include "common/unicode.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace probesweep {
namespace {

TEST(Utf8Test, FindsTheFirstIllFormedByte) {
  struct Case {
    std::string text;
    size_t at;
  };
  const std::vector<Case> cases = {
      {"", absl::string_view::npos},
      {"aé€😀", absl::string_view::npos},
      {"a\x80", 1},
      {"é\xC3", 2},
      {"\xC0\x80", 0},
      {"a\xED\xA0\x80", 1},
      {"\xF4\x90\x80\x80", 0},
      {"\xE2\x82", 0},
      {std::string("\0a", 2), absl::string_view::npos},
  };
  for (const Case& c : cases) EXPECT_EQ(FindInvalidUtf8(c.text), c.at) << ::testing::PrintToString(c.text);
}

TEST(Utf8Test, ReplacesEachMaximalIllFormedPart) {
  EXPECT_EQ(ReplaceInvalidUtf8("aé"), "aé");
  EXPECT_EQ(ReplaceInvalidUtf8("a\xE2\x82z"), "a\uFFFDz");    // one truncated character
  EXPECT_EQ(ReplaceInvalidUtf8("\x80\x80"), "\uFFFD\uFFFD");  // two stray bytes
  EXPECT_EQ(ReplaceInvalidUtf8("\xF0\x9F\x98"), "\uFFFD");    // an emoji cut short
  EXPECT_EQ(ReplaceInvalidUtf8("\xED\xA0\x80"),
            "\uFFFD\uFFFD\uFFFD");  // a surrogate has no well-formed start
}

TEST(Utf8Test, WalksAndWritesCodePoints) {
  const std::string text = "aé€😀";
  std::string copy;
  std::vector<size_t> offsets;
  for (size_t offset = 0; offset < text.size();) {
    offsets.push_back(offset);
    AppendUtf8(NextCodePoint(text, &offset), &copy);
  }
  EXPECT_EQ(copy, text);
  EXPECT_EQ(offsets, (std::vector<size_t>{0, 1, 3, 6}));
}

TEST(CharacterClassTest, FollowsUnicode) {
  EXPECT_TRUE(IsWhitespace(U'\u3000') && IsWhitespace(U'\n') && IsWhitespace(U'\u0085'));
  EXPECT_FALSE(IsWhitespace(U'\u200B') || IsWhitespace(U'\uFEFF'));
  EXPECT_TRUE(IsWordCharacter(U'é') && IsWordCharacter(U'_') && IsWordCharacter(U'\u0301') &&
              IsWordCharacter(U'5'));
  EXPECT_FALSE(IsWordCharacter(U'-') || IsWordCharacter(U'½') || IsWordCharacter(U'😀'));
  EXPECT_TRUE(IsNumber(U'½') && IsNumber(U'Ⅳ') && IsNumber(U'٣'));
  EXPECT_FALSE(IsNumber(U'a') || IsNumber(U'三'));
  EXPECT_TRUE(IsPunctuation(U'$') && IsPunctuation(U'。') && IsPunctuation(U'_'));
  EXPECT_FALSE(IsPunctuation(U'€') || IsPunctuation(U'a'));
  EXPECT_FALSE(IsPunctuation(U'\u2E43'));  // of Unicode 9
  EXPECT_TRUE(IsCombiningMark(U'\u0301') && IsCombiningMark(U'\u093F'));
  EXPECT_FALSE(IsCombiningMark(U'a'));
}

TEST(CharacterClassTest, KnowsTheVersionOfACharacter) {
  EXPECT_TRUE(IsOfUnicode(U'a', 2));
  EXPECT_TRUE(IsOfUnicode(U'\u08D4', 9));  // 9.0
  EXPECT_FALSE(IsOfUnicode(U'\u08D4', 8));
  EXPECT_FALSE(IsOfUnicode(U'\u0D3B', 9));   // 10.0
  EXPECT_FALSE(IsOfUnicode(U'\u0378', 99));  // not assigned
}

TEST(WhitespaceTest, MeasuresTheEndsInBytes) {
  EXPECT_EQ(LeadingWhitespace(" \u3000a "), 4u);
  EXPECT_EQ(TrailingWhitespace(" a\u3000\n"), 4u);
  EXPECT_EQ(LeadingWhitespace("\t "), 2u);
  EXPECT_EQ(TrailingWhitespace("\u2003"), 3u);
  EXPECT_EQ(TrailingWhitespace(""), 0u);
  EXPECT_EQ(TrailingWhitespace("é"), 0u);
}

TEST(UnicodeTest, KnowsCharactersThatIcuDoesNot) {
  EXPECT_TRUE(IsWordCharacter(U'\u1C89'));
  EXPECT_TRUE(IsWordCharacter(U'\U0002EE5D')) << "the last of CJK extension I";
  EXPECT_FALSE(IsWordCharacter(U'\U0002EE5E'));
  EXPECT_TRUE(IsNumber(U'\U00010D40'));
  EXPECT_TRUE(IsNumber(U'\U00011DE0'));
  EXPECT_FALSE(IsWordCharacter(U'\U00011DE0')) << "of Unicode 17: a number only";
  EXPECT_FALSE(IsNumber(U'\u1C89'));
}

TEST(UnicodeTest, Lowercase) {
  EXPECT_EQ(ToLowercase(U'A'), U'a');
  EXPECT_EQ(ToLowercase(U'\u00C9'), U'\u00E9');
  EXPECT_EQ(ToLowercase(U'\u4E2D'), U'\u4E2D');
  EXPECT_EQ(ToLowercase(U'\U00010D65'), U'\U00010D85');
  EXPECT_EQ(ToLowercase(U'\uA7CB'), U'\u0264');
}

}  // namespace
}  // namespace probesweep
