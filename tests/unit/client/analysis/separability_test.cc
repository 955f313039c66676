#include "client/analysis/separability.h"

#include <gtest/gtest.h>

namespace probesweep::client {
namespace {

LayerScores Scores(int layer, double accuracy, double surface, double majority) {
  LayerScores scores;
  scores.layer = layer;
  scores.rows = 1000;
  scores.accuracy = accuracy;
  scores.surface = surface;
  scores.majority = majority;
  return scores;
}

// With the protocol's own intervals: accuracy ± `half`, above surface ± `half`.
LayerScores WithIntervals(LayerScores scores, double half) {
  scores.accuracy_interval = Interval{scores.accuracy - half, scores.accuracy + half};
  const double above = scores.accuracy - scores.surface;
  scores.above_surface_interval = Interval{above - half, above + half};
  return scores;
}

TEST(SeparabilityTest, AMarginIsOverTheBetterBaseline) {
  const struct {
    double surface, majority, margin;
  } cases[] = {{0.6, 0.5, 0.2}, {0.5, 0.7, 0.1}, {0.9, 0.5, -0.1}};
  for (const auto& c : cases) {
    const Margin margin = MarginOf(WithIntervals(Scores(3, 0.8, c.surface, c.majority), 0.05), 1);
    EXPECT_EQ(margin.layer, 3);
    EXPECT_NEAR(margin.value, c.margin, 1e-12);
    EXPECT_NEAR(margin.interval.low, c.margin - 0.05, 1e-12);
    EXPECT_NEAR(margin.interval.high, c.margin + 0.05, 1e-12);
  }
}

TEST(SeparabilityTest, IntervalsAreWiderWhenTheBestOfManyLayersIsMeant) {
  const LayerScores scores = WithIntervals(Scores(0, 0.7, 0.6, 0.5), 0.05);
  EXPECT_NEAR(MarginOf(scores, 6).interval.low, 0.1 - 0.05 * 2.638257273476751 / 1.959963984540054, 1e-12);
  EXPECT_NEAR(MarginOf(scores, 6).interval.high, 0.1 + 0.05 * 2.638257273476751 / 1.959963984540054, 1e-12);
}

TEST(SeparabilityTest, WithoutIntervalsOfTheRowTheyComeFromTheNumberOfRows) {
  const Margin margin = MarginOf(Scores(0, 0.8, 0.6, 0.5), 1);
  const Interval expected = DifferenceInterval(0.8, 0.6, 1000, NormalHalfWidth(1));
  EXPECT_NEAR(margin.interval.low, expected.low, 1e-12);
  EXPECT_NEAR(margin.interval.high, expected.high, 1e-12);
}

TEST(SeparabilityTest, SomeLayerMakesACheckpointSeparableAndAllMustFailToExcludeIt) {
  const auto layer = [](int index, double margin) {
    return WithIntervals(Scores(index, 0.6 + margin, 0.6, 0.5), 0.02);
  };
  const struct {
    std::vector<LayerScores> layers;
    Standing standing;
    int best;
  } cases[] = {{{layer(0, -0.1), layer(1, 0.1), layer(2, 0.0)}, Standing::kSeparable, 1},
               {{layer(0, -0.1), layer(1, 0.01)}, Standing::kUndecided, 1},
               {{layer(0, -0.1), layer(1, -0.1)}, Standing::kExcluded, 0},
               // 0.021 is enough for one layer, but not for the best of four.
               {{layer(0, 0.021)}, Standing::kSeparable, 0},
               {{layer(0, 0.021), layer(1, 0), layer(2, 0), layer(3, 0)}, Standing::kUndecided, 0}};
  for (const auto& c : cases) {
    const CheckpointStanding result = Judge(c.layers);
    EXPECT_EQ(result.standing, c.standing) << c.layers.size();
    EXPECT_EQ(result.best.layer, c.best) << c.layers.size();
  }
}

// One letter for each checkpoint: - excluded, ? undecided, + separable, space: no results.
TEST(SeparabilityTest, OnsetIsWhereSeparabilityBeginsAndStays) {
  const struct {
    const char* checkpoints;
    int earliest, first;  // -1: none
  } cases[] = {{"--?++", 2, 3}, {"+++++", 0, 0}, {"-----", -1, -1}, {"-+-++", 1, 3}, {"-+?", 1, -1},
               {"-+ +", 1, 1},  {" -+", 2, 2},   {"", -1, -1},      {"   ", -1, -1}, {"-? +-", 1, -1}};
  for (const auto& c : cases) {
    std::vector<std::optional<CheckpointStanding>> checkpoints;
    for (const char* letter = c.checkpoints; *letter != 0; ++letter) {
      auto& checkpoint = checkpoints.emplace_back();
      if (*letter == ' ') continue;
      checkpoint.emplace().standing = *letter == '-'   ? Standing::kExcluded
                                      : *letter == '+' ? Standing::kSeparable
                                                       : Standing::kUndecided;
    }
    const Onset onset = FindOnset(checkpoints);
    EXPECT_EQ(onset.earliest.value_or(-1), c.earliest) << "'" << c.checkpoints << "'";
    EXPECT_EQ(onset.first.value_or(-1), c.first) << "'" << c.checkpoints << "'";
  }
}

}  // namespace
}  // namespace probesweep::client
