#include "common/braces.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace probesweep {
namespace {

using Texts = std::vector<std::string>;

TEST(Braces, ExpandAsInAShell) {
  const struct {
    const char* pattern;
    Texts texts;
  } cases[] = {
      {"/a/step1", {"/a/step1"}},
      {"", {""}},
      {"step{0,16,64}", {"step0", "step16", "step64"}},
      {"{b,a}", {"b", "a"}},
      {"{0..3}", {"0", "1", "2", "3"}},
      {"{3..1}", {"3", "2", "1"}},
      {"{5..5}", {"5"}},
      {"ckpt_{008..011}", {"ckpt_008", "ckpt_009", "ckpt_010", "ckpt_011"}},
      {"{8..010}", {"008", "009", "010"}},
      {"{0..2}", {"0", "1", "2"}},
      {"{0..100..40}", {"0", "40", "80"}},
      {"{10..0..-5}", {"10", "5", "0"}},
      {"{a,b}{1..2}", {"a1", "a2", "b1", "b2"}},
      {"x{a,b{1,2}}y", {"xay", "xb1y", "xb2y"}},
      {"{a,{1..3}}", {"a", "1", "2", "3"}},
      {"{,x}", {"", "x"}},
      {"a,b", {"a,b"}},
      {"{a,b},c", {"a,c", "b,c"}},
      {"\\{a,b\\}", {"{a,b}"}},
      {"{a\\,b,c}", {"a,b", "c"}},
      {"{x\\},y}", {"x}", "y"}},
      {"a\\\\b", {"a\\b"}},
      {"a\\", {"a\\"}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.pattern);
    ASSERT_OK_AND_ASSIGN(const Texts texts, ExpandBraces(c.pattern));
    EXPECT_EQ(texts, c.texts);
  }
}

TEST(Braces, AMistakeIsShownWithItsColumn) {
  const struct {
    const char* pattern;
    const char* message;
  } cases[] = {
      {"a{b,c", "column 2: '{' without '}'"},
      {"a}b", "column 2: '}' without '{'"},
      {"x{a}", "column 2: '{a}' is neither a list nor a range"},
      {"{}", "column 1"},
      {"{1..x}", "'{1..x}'"},
      {"{a..z}", "'{a..z}'"},
      {"{1..5..0}", "'{1..5..0}'"},
      {"{0..5..-9223372036854775808}", "neither a list nor a range"},
      {"{-3..1}", "'{-3..1}'"},
      {"{1..2..3..4}", "'{1..2..3..4}'"},
      {"{1..99999999999999999999}", "neither a list nor a range"},
      {"ab{1,{2}", "column 6"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.pattern);
    EXPECT_STATUS(ExpandBraces(c.pattern), kInvalidArgument, c.message, "write {a,b,c} or {0..100..10}");
  }
}

TEST(Braces, AreRefusedBeforeTheyGrowPastTheLimit) {
  EXPECT_OK(ExpandBraces("{1..10}", 10));
  EXPECT_STATUS(ExpandBraces("{1..11}", 10), kInvalidArgument, "more than 10 checkpoints");
  EXPECT_STATUS(ExpandBraces("{1..4}{1..4}", 10), kInvalidArgument, "column 7", "more than 10 checkpoints");
  EXPECT_STATUS(ExpandBraces("{{1..6},{1..6}}", 10), kInvalidArgument, "more than 10 checkpoints");
  EXPECT_STATUS(ExpandBraces("{0..9223372036854775807}"), kInvalidArgument, "more than 100000 checkpoints");
}

TEST(Braces, TheLongestPatternThatASweepMayHoldIsExpandedOrRefused) {
  ASSERT_OK_AND_ASSIGN(const Texts texts, ExpandBraces("{1..2000}" + std::string(4000, 'x')));
  EXPECT_EQ(texts.back(), "2000" + std::string(4000, 'x'));
  EXPECT_STATUS(ExpandBraces(std::string(4096, '{')), kInvalidArgument, "column 33", "nest too deeply");
  EXPECT_OK(ExpandBraces(std::string(32, '{') + "a,b" + std::string(32, '}')));
}

}  // namespace
}  // namespace probesweep
