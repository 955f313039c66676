#include "client/analysis/interval.h"

#include <gtest/gtest.h>

#include <random>

namespace probesweep::client {
namespace {

// Values of scipy.stats.norm.isf.
TEST(IntervalTest, TheHalfWidthGrowsWithTheNumberOfComparisons) {
  EXPECT_NEAR(NormalHalfWidth(1), 1.959963984540054, 1e-12);
  EXPECT_NEAR(NormalHalfWidth(6), 2.638257273476751, 1e-12);
  EXPECT_NEAR(NormalHalfWidth(32), 3.1628179656212856, 1e-12);
}

TEST(IntervalTest, WilsonsIntervalStaysWithinZeroAndOne) {
  const struct {
    double share, rows, low, high;
  } cases[] = {{0.7, 100, 0.6041514537, 0.7810511471},
               {1, 20, 0.8388748420, 1},
               {0, 20, 0, 0.1611251581},
               {0.5, 72, 0.3874709231, 0.6125290769}};
  for (const auto& c : cases) {
    const Interval interval = WilsonInterval(c.share, c.rows, NormalHalfWidth(1));
    EXPECT_NEAR(interval.low, c.low, 1e-9) << c.share;
    EXPECT_NEAR(interval.high, c.high, 1e-9) << c.share;
  }
}

// Newcombe, Statistics in Medicine 17 (1998) 873, method 10, by hand.
TEST(IntervalTest, ADifferencesIntervalComesFromTheTwoShares) {
  const Interval interval = DifferenceInterval(0.8, 0.6, 100, NormalHalfWidth(1));
  EXPECT_NEAR(interval.low, 0.0731191600, 1e-9);
  EXPECT_NEAR(interval.high, 0.3185050993, 1e-9);
}

TEST(IntervalTest, RowsOfOneGroupTellLessThanAsManyIndependentOnes) {
  const std::vector<int> correct = {1, 1, 0, 0, 1, 1, 0, 0};
  // By itself, each row counts.
  EXPECT_DOUBLE_EQ(EffectiveRows(correct, {0, 1, 2, 3, 4, 5, 6, 7}), 8);
  // Twins that always agree: share 1/2, each group's deviation ±1, so Σ r² · 4/3 = 16/3 against 8/4 = 2.
  EXPECT_DOUBLE_EQ(EffectiveRows(correct, {0, 0, 1, 1, 2, 2, 3, 3}), 3);
  // Twins that never agree vary less than independent rows; no credit is given for that.
  EXPECT_DOUBLE_EQ(EffectiveRows(correct, {0, 1, 0, 1, 2, 3, 2, 3}), 8);
  EXPECT_DOUBLE_EQ(EffectiveRows({1, 1, 1, 1}, {0, 0, 1, 1}), 2);  // no spread to measure
  EXPECT_DOUBLE_EQ(EffectiveRows({1, 0, 1, 1}, {5, 5, 5, 5}), 1);  // one group
}

// Groups of four rows that are right or wrong together three times in four.
TEST(IntervalTest, CoversTheTrueShareOfGroupedRows) {
  std::mt19937_64 random(1);
  const auto draw = [&random](double share) { return (random() >> 11) * 0x1.0p-53 < share ? 1 : 0; };
  const double share = 0.7;
  constexpr int kTrials = 2000;
  int covered = 0, naive = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<int> correct;
    std::vector<int64_t> groups;
    double hits = 0;
    for (int64_t group = 0; group < 60; ++group) {
      const int together = draw(share);
      for (int row = 0; row < 4; ++row) {
        correct.push_back(draw(0.75) ? together : draw(share));
        groups.push_back(group);
        hits += correct.back();
      }
    }
    const double observed = hits / static_cast<double>(correct.size());
    const auto covers = [&](double rows) {
      const Interval interval = WilsonInterval(observed, rows, NormalHalfWidth(1));
      return interval.low <= share && share <= interval.high;
    };
    covered += covers(EffectiveRows(correct, groups)) ? 1 : 0;
    naive += covers(static_cast<double>(correct.size())) ? 1 : 0;
  }
  EXPECT_GE(covered, 0.93 * kTrials);
  EXPECT_LE(covered, 0.97 * kTrials);
  EXPECT_LT(naive, 0.85 * kTrials) << "groups made no difference; the test shows nothing";
}

}  // namespace
}  // namespace probesweep::client
