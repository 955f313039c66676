#include "client/render/text.h"

#include <gtest/gtest.h>

#include "client/render/table.h"
#include "client/render/terminal.h"

namespace probesweep::client {
namespace {

TEST(TextTest, ShortensCountsOnlyWhereNothingIsLost) {
  const struct {
    int64_t count;
    const char* text;
  } cases[] = {{0, "0"},        {512, "512"},      {1000, "1k"},       {1024, "1024"},
               {1500, "1.5k"},  {16000, "16k"},    {143000, "143k"},   {1234567, "1234567"},
               {2000000, "2M"}, {1200000, "1.2M"}, {3000000000, "3G"}, {2500000000000, "2.5T"}};
  for (const auto& c : cases) EXPECT_EQ(ShortCount(c.count), c.text);
}

TEST(TextTest, CutsAndPadsByColumnsNotBytes) {
  EXPECT_EQ(DisplayWidth("Größe"), 5u);
  EXPECT_EQ(Truncated("Größe", 5), "Größe");
  EXPECT_EQ(Truncated("Größen", 5), "Größ…");
  EXPECT_EQ(Truncated("abc", 0), "");
  EXPECT_EQ(PadLeft("ö", 3), "  ö");
  EXPECT_EQ(PadRight("ö", 3), "ö  ");
}

TEST(TableTest, AlignsColumnsAndLeavesNoTrailingSpace) {
  Table table({{"NAME"}, {"N", Align::kRight}, {"NOTE"}});
  table.AddRow({"a", "100", ""});
  table.AddRow({"löng-name", "7", "two\nlines\xC2\x9B"});
  EXPECT_EQ(table.Text(),
            "NAME         N  NOTE\n"
            "a          100\n"
            "löng-name    7  two\\x0alines\\x9b\n");
}

TEST(TableTest, FillsUpShortRows) {
  Table table({{"A"}, {"B"}});
  table.AddRow({"x"});
  EXPECT_EQ(table.Text(), "A  B\nx\n");
}

TEST(TerminalTest, HasNoColourOffATerminal) {
  const Terminal terminal =
      DetectTerminal(-1, [](const std::string& name) { return std::string(name == "COLUMNS" ? "72" : ""); });
  EXPECT_FALSE(terminal.interactive);
  EXPECT_FALSE(terminal.color);
  EXPECT_EQ(terminal.width, 72);
}

}  // namespace
}  // namespace probesweep::client
