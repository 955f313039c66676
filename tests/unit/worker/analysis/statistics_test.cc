#include "worker/analysis/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "dataset/auroc.h"
#include "dataset/interval.h"

namespace probesweep::worker {
namespace {

double Logit(double probability) { return std::log(probability / (1 - probability)); }

std::vector<int64_t> OwnGroups(size_t rows) {
  std::vector<int64_t> groups(rows);
  std::iota(groups.begin(), groups.end(), 0);
  return groups;
}

TEST(CorrectTest, ARowIsOfLabelOneAboveZero) {
  EXPECT_EQ(Correct({{1, -1, 0, 2, -3}, {1, 0, 1, 0, 1}}), (std::vector<double>{1, 1, 0, 0, 0}));
}

TEST(ExpectedCalibrationErrorTest, WeighsEachBinByItsRows) {
  // In [.8, .9): .82 and .88 with labels 1, 0; in [.1, .2): .12 with label 0.
  const TestScores test{{Logit(0.82), Logit(0.88), Logit(0.12)}, {1, 0, 0}};
  EXPECT_NEAR(ExpectedCalibrationError(test), 2.0 / 3 * 0.35 + 1.0 / 3 * 0.12, 1e-12);
}

TEST(ExpectedCalibrationErrorTest, AProbabilityOnAnEdgeBelongsToTheBinAbove) {
  // .5 and .52 in one bin make up for each other; in two they would not.
  EXPECT_NEAR(ExpectedCalibrationError({{0, Logit(0.52)}, {1, 0}}), 0.01, 1e-12);
}

TEST(ExpectedCalibrationErrorTest, IsZeroOfACertainClassifierThatIsRight) {
  EXPECT_NEAR(ExpectedCalibrationError({{800, -800}, {1, 0}}), 0, 1e-12);
  EXPECT_NEAR(ExpectedCalibrationError({{800, -800}, {0, 1}}), 1, 1e-12);
}

TEST(SplitFigureTest, DeviationsOfAMeanAddUpToNothing) {
  const SplitFigure figure = MeanFigure({1, 0, 1, 1}, {0, 1, 2, 3}, 0.25);
  EXPECT_DOUBLE_EQ(figure.estimate, 0.75);
  EXPECT_DOUBLE_EQ(figure.deviations[1], -0.75 / 4);
  EXPECT_NEAR(std::accumulate(figure.deviations.begin(), figure.deviations.end(), 0.0), 0, 1e-15);
}

TEST(SplitFigureTest, DeviationsOfTheAurocAreDeLongs) {
  const TestScores test{{0.3, 0.1, 0.3, 0.9, -1}, {1, 0, 0, 1, 1}};
  const auto figure = AurocFigure(test, OwnGroups(5), 0.2);
  ASSERT_TRUE(figure.has_value());
  EXPECT_DOUBLE_EQ(figure->estimate, *Auroc(test.scores, test.labels));
  // Of label 1: shares of the zeros below .75, 1, 0; of label 0: shares of the ones above 2/3, 1/2.
  const double a = figure->estimate;
  const std::vector<double> expected = {(0.75 - a) / 3, (2.0 / 3 - a) / 2, (0.5 - a) / 2, (1 - a) / 3,
                                        (0 - a) / 3};
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(figure->deviations[i], expected[i], 1e-15) << i;
}

TEST(SplitFigureTest, ThereIsNoAurocOfOneLabel) {
  EXPECT_FALSE(AurocFigure({{1, 2}, {1, 1}}, OwnGroups(2), 0.2).has_value());
}

TEST(AccuracyIntervalTest, OfOneSplitOfSingleRowsIsWilsonsWithStudentsQuantile) {
  const std::vector<double> correct = {1, 1, 1, 0, 1, 0, 1, 1, 0, 1};
  const auto interval = AccuracyInterval({MeanFigure(correct, OwnGroups(10), 0.2)});
  ASSERT_TRUE(interval.has_value());
  // Jackknife: variance p(1 − p)/(n − 1), hence 9 trials; Student's quantile of 9 degrees is 2.262157.
  const double trials = 9, p = 0.7, t = 2.2621571627409915;
  const double centre = (p + t * t / (2 * trials)) / (1 + t * t / trials);
  const double half =
      t / (1 + t * t / trials) * std::sqrt(p * (1 - p) / trials + t * t / (4 * trials * trials));
  EXPECT_NEAR(interval->low, centre - half, 1e-9);
  EXPECT_NEAR(interval->high, centre + half, 1e-9);
}

TEST(AccuracyIntervalTest, RowsOfOneGroupCountOnce) {
  const std::vector<double> correct = {1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1};
  const auto apart = AccuracyInterval({MeanFigure(correct, OwnGroups(12), 0.2)});
  const auto paired = AccuracyInterval({MeanFigure(correct, {0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5}, 0.2)});
  const auto halved = AccuracyInterval({MeanFigure({1, 0, 1, 1, 0, 1}, OwnGroups(6), 0.2)});
  EXPECT_GT(paired->high - paired->low, apart->high - apart->low);
  EXPECT_NEAR(paired->low, halved->low, 1e-12);
  EXPECT_NEAR(paired->high, halved->high, 1e-12);
}

TEST(AccuracyIntervalTest, MoreSplitsNarrowItLittleForTheyShareTheirRows) {
  const SplitFigure figure = MeanFigure({1, 0, 1, 1, 0, 1, 1, 1}, OwnGroups(8), 0.2);
  const auto one = AccuracyInterval({figure});
  const auto many = AccuracyInterval(std::vector<SplitFigure>(1000, figure));
  // The variance falls to a fifth, not to a thousandth.
  EXPECT_LT(many->high - many->low, 0.65 * (one->high - one->low));
  EXPECT_GT(many->high - many->low, 0.35 * (one->high - one->low));
}

TEST(AccuracyIntervalTest, HasAWidthWhereEveryRowIsRight) {
  const auto interval = AccuracyInterval({MeanFigure({1, 1, 1, 1, 1, 1}, OwnGroups(6), 0.2)});
  ASSERT_TRUE(interval.has_value());
  EXPECT_EQ(interval->high, 1);
  EXPECT_LT(interval->low, 0.7);
  EXPECT_GT(interval->low, 0);
}

TEST(IntervalTest, ThereIsNoneWithOneTestGroup) {
  const std::vector<SplitFigure> splits = {MeanFigure({1, 0, 1}, {4, 4, 4}, 0.2)};
  EXPECT_FALSE(AccuracyInterval(splits).has_value());
  EXPECT_FALSE(AurocInterval(splits).has_value());
  EXPECT_FALSE(DifferenceInterval(splits).has_value());
}

TEST(AurocIntervalTest, WidensWithTheSpreadBetweenSplits) {
  const TestScores test{{3, 2, 1, 0, -1, 4}, {1, 1, 0, 1, 0, 0}};
  SplitFigure figure = *AurocFigure(test, OwnGroups(6), 0.2);
  const auto alike = AurocInterval({figure, figure});
  SplitFigure lower = figure, higher = figure;
  lower.estimate -= 0.4;
  higher.estimate += 0.4;
  const auto apart = AurocInterval({lower, higher});
  EXPECT_GT(apart->high - apart->low, 1.1 * (alike->high - alike->low));
}

// Of label 1 three groups, of label 0 as many as `zeros`; each of two rows with one score.
TestScores TwinScores(int zeros) {
  TestScores test{{1, 1, 3, 3, 5, 5}, {1, 1, 1, 1, 1, 1}};
  for (int group = 0; group < zeros; ++group) {
    test.scores.insert(test.scores.end(), 2, 2 * group);
    test.labels.insert(test.labels.end(), 2, 0);
  }
  return test;
}

std::vector<int64_t> TwinGroups(const TestScores& test) {
  std::vector<int64_t> groups;
  for (size_t row = 0; row < test.scores.size(); ++row) groups.push_back(static_cast<int64_t>(row / 2));
  return groups;
}

TEST(AurocIntervalTest, EachLabelCountsByItsOwnGroups) {
  // Scores 1, 3, 5 against 0, 2: placements 1/2, 1, 1 and 1, 2/3.
  const TestScores test = TwinScores(2);
  const auto interval = AurocInterval({*AurocFigure(test, TwinGroups(test), 0.2)});
  ASSERT_TRUE(interval.has_value());
  // DeLong's variance of the groups: 1/12 / 3 + 1/18 / 2 (sample variances). Four degrees of freedom.
  const double a = 5.0 / 6, variance = 1.0 / 36 + 1.0 / 36, t = 2.7764451051977987;
  const Interval wilson = WilsonInterval(a, a * (1 - a) / variance, t);
  EXPECT_NEAR(interval->low, wilson.low, 1e-9);
  EXPECT_NEAR(interval->high, wilson.high, 1e-9);
}

TEST(AurocIntervalTest, OneGroupOfALabelTellsNothingButSplitsMayDisagree) {
  const TestScores test = TwinScores(1);
  const SplitFigure figure = *AurocFigure(test, TwinGroups(test), 0.2);
  EXPECT_FALSE(AurocInterval({figure}).has_value());
  SplitFigure lower = figure;
  lower.estimate -= 0.2;
  const auto interval = AurocInterval({figure, lower});
  ASSERT_TRUE(interval.has_value());
  // Nadeau's and Bengio's variance, one degree of freedom.
  const double mean = figure.estimate - 0.1, variance = 0.02 * (0.5 + 0.25);
  const Interval wilson = WilsonInterval(mean, mean * (1 - mean) / variance, 12.706204736174698);
  EXPECT_NEAR(interval->low, wilson.low, 1e-9);
  EXPECT_NEAR(interval->high, wilson.high, 1e-9);
}

TEST(AccuracyIntervalTest, UnequalGroupsCountAsFewer) {
  // Groups of 4, 1 and 1 rows weigh as much as 36 / 18 = 2 equal ones: one degree of freedom.
  const auto interval = AccuracyInterval({MeanFigure({1, 1, 1, 1, 0, 1}, {0, 0, 0, 0, 1, 2}, 0.2)});
  ASSERT_TRUE(interval.has_value());
  // Without a group the share is 1/2, 1 or 4/5 rather than 5/6.
  const double p = 5.0 / 6, variance = 2.0 / 3 * (1.0 / 9 + 1.0 / 36 + 1.0 / 900);
  const Interval wilson = WilsonInterval(p, p * (1 - p) / variance, 12.706204736174698);
  EXPECT_NEAR(interval->low, wilson.low, 1e-9);
  EXPECT_NEAR(interval->high, wilson.high, 1e-9);
}

TEST(AccuracyIntervalTest, HoldsWhereOneGroupOutweighsAllOthers) {
  std::vector<double> correct(2000, 1.0);
  std::vector<int64_t> groups(2000, 0);
  correct.back() = 0;
  groups.back() = 1;
  const auto interval = AccuracyInterval({MeanFigure(correct, groups, 0.2)});
  ASSERT_TRUE(interval.has_value());
  EXPECT_GE(interval->low, 0);
  EXPECT_LE(interval->high, 1);
  EXPECT_LT(interval->low, 0.5);
}

TEST(DifferenceIntervalTest, HoldsTheEstimateAndStaysInItsRange) {
  const auto better = DifferenceInterval({MeanFigure({1, 1, 1, 1}, OwnGroups(4), 0.2)});
  EXPECT_EQ(better->high, 1);
  EXPECT_GT(better->high - better->low, 0.3) << "four rows tell little";
  const auto alike = DifferenceInterval({MeanFigure({0, 0, 0, 0}, OwnGroups(4), 0.2)});
  EXPECT_LT(alike->low, -0.1);
  EXPECT_NEAR(alike->high, -alike->low, 1e-12);
  const auto worse = DifferenceInterval({MeanFigure({-1, -1, -1, 1}, OwnGroups(4), 0.2)});
  EXPECT_GE(worse->low, -1);
}

}  // namespace
}  // namespace probesweep::worker
