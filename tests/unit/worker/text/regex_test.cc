#include "worker/text/regex.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"
#include "worker/text/regex_dialect.h"

namespace probesweep::worker {
namespace {

// "[match]other[match]"
std::string Marked(absl::string_view pattern, const std::string& text) {
  const auto regex = Regex::Compile(pattern);
  EXPECT_OK(regex);
  if (!regex.ok()) return "";
  const auto spans = (*regex)->Spans(text);
  EXPECT_OK(spans);
  if (!spans.ok()) return "";
  std::string marked;
  for (const Span& span : *spans) {
    const std::string part = text.substr(span.begin, span.end - span.begin);
    marked += span.is_match ? "[" + part + "]" : part;
  }
  return marked;
}

TEST(RegexTest, FindsMatchesInBytes) {
  EXPECT_EQ(Marked(R"(\p{L}+)", "aé 中😀ß1"), "[aé] [中]😀[ß]1");
  EXPECT_EQ(Marked(R"(😀+)", "x😀😀é"), "x[😀😀]é");
  EXPECT_EQ(Marked(R"(\s+(?!\S)|\s+)", "a  b "), "a[ ][ ]b[ ]");
  EXPECT_EQ(Marked("b", ""), "");
  EXPECT_EQ(Marked("a", "aa"), "[a][a]");
}

TEST(RegexTest, ReadsLinesAsRuby) {
  EXPECT_EQ(Marked("^a$", "a\nb\na"), "[a]\nb\n[a]");
  EXPECT_EQ(Marked(".+", "a\r\nb\u2028c"), "[a\r]\n[b\u2028c]");
  EXPECT_EQ(Marked(R"(\Aa)", "a\na"), "[a]\na");
}

TEST(RegexTest, AnEmptyMatchBehindAMatchIsNone) { EXPECT_EQ(Marked("a*", "baac"), "[]b[aa]c[]"); }

TEST(RegexTest, GivesUpRatherThanHang) {
  ASSERT_OK_AND_ASSIGN(const auto regex, Regex::Compile("(?:a|a)+$"));
  EXPECT_STATUS(regex->Spans(std::string(60, 'a') + "b"), kInvalidArgument, "(?:a|a)+$", "gives up",
                "61 bytes");
}

TEST(RegexTest, RefusesWhatDoesNotCompile) {
  EXPECT_STATUS(Regex::Compile("a(b"), kInvalidArgument, "\"a(b\"");
  EXPECT_STATUS(Regex::Compile("[a"), kInvalidArgument, "\"[a\"");
  EXPECT_STATUS(Regex::Compile("*"), kInvalidArgument, "\"*\"");
}

TEST(RegexDialectTest, TakesWhatBothDialectsShare) {
  for (const char* pattern : {R"('s|'t| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
                              R"((?i:'s|'t)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3})",
                              R"([\p{Lu}\p{Lt}]*[\p{Ll}\p{M}]+(?<=a)(?<!b)(?>c))",
                              R"(\p{Han}|\P{Greek}|\x41|\u0041|[a\-z]|a{2}|b{2,}|c++|d*?)", ""}) {
    EXPECT_OK(CheckRegexDialect(pattern)) << pattern;
  }
}

TEST(RegexDialectTest, RefusesWhatTheyReadDifferently) {
  for (const char* pattern :
       {R"(\w+)", R"(a\b)", R"(\h)", "a{1,3}+", "a{,3}", "(?m)a", "(?<name>a)", "(?x: a)", "[a&&b]", "[a--b]",
        "[[:alpha:]]", "[]a]", "[a[^b]]", R"(\p{Emoji}+)", R"(\pL)", R"(\p{L)", R"(\1)", R"(\Z)", "a\\"}) {
    EXPECT_STATUS(CheckRegexDialect(pattern), kUnimplemented, pattern);
  }
}

TEST(RegexTest, KnowsCharactersThatIcuDoesNot) {
  // U+1C89 is a capital letter, U+10D40 a digit, both of Unicode 16.
  const std::string text = "a\u1C89\U00010D40-";
  const auto matches = [&](absl::string_view pattern) {
    const auto regex = Regex::Compile(pattern);
    EXPECT_OK(regex);
    std::string found;
    const auto spans = (*regex)->Spans(text);
    EXPECT_OK(spans);
    for (const Span& span : *spans) {
      if (span.is_match) found += text.substr(span.begin, span.end - span.begin) + ";";
    }
    return found;
  };
  EXPECT_EQ(matches("\\p{L}+"), "a\u1C89;");
  EXPECT_EQ(matches("\\p{Lu}"), "\u1C89;");
  EXPECT_EQ(matches("\\P{L}+"), "\U00010D40-;");
  EXPECT_EQ(matches("[^\\p{L}\\p{N}]+"), "-;");
  EXPECT_EQ(matches("[\\P{L}a]+"), "a;\U00010D40-;");
  EXPECT_EQ(matches("\\d"), "\U00010D40;");
  EXPECT_EQ(matches("\\D+"), "a\u1C89;-;");
  EXPECT_EQ(matches("\\\\d|-"), "-;") << "an escaped backslash, then a letter";
}

TEST(RegexTest, LongPatternsAreRefused) {
  EXPECT_STATUS(Regex::Compile(std::string(20'000, 'a')), kUnimplemented, "16384 bytes");
}

}  // namespace
}  // namespace probesweep::worker
