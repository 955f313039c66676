// What is made of texts that anyone may have written: shown in messages, measured before they are parsed.
#include <gtest/gtest.h>

#include <string>

#include "common/json_extent.h"
#include "common/printable.h"

namespace probesweep {
namespace {

TEST(PrintableTest, OrdinaryTextStaysAsItIs) { EXPECT_EQ(Printable("a 'b' \\ café ▁"), "a 'b' \\ café ▁"); }

TEST(PrintableTest, ControlCharactersAreEscaped) {
  EXPECT_EQ(Printable("\x1b[2J\r\n\x7f"), "\\x1b[2J\\x0d\\x0a\\x7f");
  EXPECT_EQ(Printable(std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(Printable("a\xC2\x9B"
                      "2J"),
            "a\\x9b2J");                         // U+009B, as good as ESC [
  EXPECT_EQ(Printable("\xC2\xA0"), "\xC2\xA0");  // U+00A0 is none
}

TEST(PrintableTest, OfALongTextTheEndsAreKept) {
  EXPECT_EQ(Printable("what " + std::string(1000, 'x') + " why", 20), "what xxxxx…xxxxxx why");
  EXPECT_EQ(Printable("ééééé", 6), "é…é");  // characters are not cut
  EXPECT_EQ(Printable("123456", 6), "123456");
  EXPECT_EQ(Printable(std::string(1000, 'x')), std::string(1000, 'x')) << "unless limited, none is left out";
}

TEST(JsonExtentTest, CountsWhatATreeWouldHold) {
  const JsonExtent extent = MeasureJson(R"({"a": [1, 2, {"b": "[[[,,,\"[["}], "c": null})");
  EXPECT_EQ(extent.depth, 3);
  EXPECT_GE(extent.values, 7u);
  EXPECT_LE(extent.values, 9u);
  EXPECT_EQ(MeasureJson("").depth, 0);
}

TEST(JsonExtentTest, WhiteSpaceBetweenValuesIsNotCounted) {
  EXPECT_EQ(MeasureJson("[ 1,\n\t\"a b\" ]").bytes, MeasureJson("[1,\"a b\"]").bytes);
}

TEST(JsonExtentTest, SurvivesWhatIsNotJson) {
  EXPECT_EQ(MeasureJson("]]]}}[").depth, 1) << "closing brackets open nothing";
  EXPECT_EQ(MeasureJson("\"\\").values, 1u);
  EXPECT_EQ(MeasureJson(std::string(1'000'000, '[')).depth, 1'000'000);
}

}  // namespace
}  // namespace probesweep
