#include "worker/analysis/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "dataset/auroc.h"

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
