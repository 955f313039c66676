#include "client/render/heatmap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_split.h"
#include "client/render/text.h"
#include "tests/unit/client/fake_sweep_service.h"

namespace probesweep::client {
namespace {

class HeatmapTest : public ::testing::Test {
 protected:
  ResultGrid Grid() { return (*MakeGrids(sweep_, rows_, {}))[0]; }
  std::string Text(const Terminal& terminal) {
    const ResultGrid grid = Grid();
    return HeatmapText(grid, SharedScale({grid}), terminal);
  }

  std::vector<v1::ResultRow> rows_;
  v1::Sweep sweep_ = SweepWithResults({"privacy"}, rows_);
};

TEST_F(HeatmapTest, ShadesNumbersOffATerminalWithTheLastLayerOnTop) {
  EXPECT_EQ(Text({}),
            " layer 1 ▒▒.67 ██.77\n"
            "       0 ░░.57 ▒▒.67\n"
            "             0    1k\n"
            "         training step →\n");
}

TEST_F(HeatmapTest, ColoursCellsOnATerminal) {
  Terminal terminal;
  terminal.color = true;
  const std::string text = Text(terminal);
  const int high = TerminalColor(Viridis(0.9));
  EXPECT_THAT(text, ::testing::HasSubstr(absl::StrCat("\x1b[48;5;", high, ";38;5;16m")));
  EXPECT_THAT(text, ::testing::HasSubstr("\x1b[0m"));
  EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("▒")));
}

TEST_F(HeatmapTest, MarksWhatHasNoValue) {
  rows_[0].mutable_values()->erase("accuracy");
  EXPECT_THAT(Text({}), ::testing::HasSubstr("0    -- ▒▒.67"));
}

TEST_F(HeatmapTest, GoesOnInAFurtherBandWhereTheWindowEnds) {
  for (int i = 2; i < 30; ++i) {
    v1::Checkpoint& checkpoint = *sweep_.add_checkpoints();
    checkpoint.set_name(absl::StrCat("step", i * 1000));
    checkpoint.set_step(i * 1000);
  }
  Terminal terminal;
  terminal.width = 60;
  const std::string text = Text(terminal);
  int bands = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    EXPECT_LE(DisplayWidth(line), 60u) << line;
    bands += line == "         training step →" ? 1 : 0;
  }
  EXPECT_EQ(bands, 4);
  EXPECT_THAT(text, ::testing::HasSubstr("29k"));
}

TEST_F(HeatmapTest, SaysWhereThereIsNothingYet) {
  rows_.clear();
  EXPECT_EQ(Text({}), "  no results yet\n");
}

TEST_F(HeatmapTest, LegendNamesMetricAndEnds) {
  ColorScale scale = ScaleFor("accuracy", {0.4, 0.88});
  EXPECT_THAT(HeatmapLegend("accuracy", scale, {}), ::testing::StartsWith("accuracy  ≤ 0.50 "));
  EXPECT_THAT(HeatmapLegend("accuracy", scale, {}), ::testing::HasSubstr("█ 0.90"));
}

TEST(ColorScaleTest, ScoresStartAtChanceAndOthersSpanWhatThereIs) {
  const ColorScale score = ScaleFor("auroc", {0.62, 0.93});
  EXPECT_DOUBLE_EQ(score.low, 0.5);
  EXPECT_DOUBLE_EQ(score.high, 1.0);
  EXPECT_FALSE(score.clips_low);
  EXPECT_TRUE(ScaleFor("accuracy", {0.3, 0.9}).clips_low);
  const ColorScale norm = ScaleFor("steering_norm", {3, 41});
  EXPECT_DOUBLE_EQ(norm.low, 0);
  EXPECT_DOUBLE_EQ(norm.high, 50);
  EXPECT_EQ(norm.Label(norm.ticks[1]), "10");
  const ColorScale small = ScaleFor("mi_ty", {0.0011, 0.0042});
  EXPECT_EQ(small.Label(small.low), "0.001");
}

TEST(ColorScaleTest, HoldsForOneValueAndForNone) {
  const ColorScale one = ScaleFor("mi_ty", {2});
  EXPECT_LT(one.low, 2);
  EXPECT_GT(one.high, 2);
  const ColorScale none = ScaleFor("mi_ty", {});
  EXPECT_LT(none.low, none.high);
  EXPECT_EQ(none.Fraction(-5), 0);
  EXPECT_EQ(none.Fraction(5), 1);
}

TEST(ColorScaleTest, ViridisGrowsLighterFromEndToEnd) {
  EXPECT_EQ(HexColor(Viridis(0)), "#440154");
  EXPECT_EQ(HexColor(Viridis(1)), "#fde725");
  double before = -1;
  for (int i = 0; i <= 100; ++i) {
    const Rgb color = Viridis(i / 100.0);
    const double lightness = 0.2126 * color.red + 0.7152 * color.green + 0.0722 * color.blue;
    EXPECT_GE(lightness, before - 1) << i;
    before = lightness;
  }
  EXPECT_EQ(TerminalColor({255, 0, 0}), 196);
}

}  // namespace
}  // namespace probesweep::client
