#include "worker/analysis/steering_vector.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace probesweep::worker {
namespace {

// Rows (1, 0), (3, 0), (0, 2), (0, 6), (5, 5) with labels 1, 1, 0, 0, 1.
at::Tensor Rows() { return at::tensor({1.f, 0.f, 3.f, 0.f, 0.f, 2.f, 0.f, 6.f, 5.f, 5.f}).view({5, 2}); }
at::Tensor Labels() { return at::tensor({1.0, 1.0, 0.0, 0.0, 1.0}, at::kDouble); }

TEST(FindSteeringVectorTest, PointsFromLabelZeroToLabelOne) {
  // Of the first four rows: (2, 0) − (0, 4) = (2, −4), of unit length (1, −2)/√5. All rows' projections:
  // (1, 3, −4, −12, −5)/√5.
  const auto found = FindSteeringVector(Rows(), Labels(), 4);
  ASSERT_TRUE(found.has_value());
  const double mean = (1 + 3 - 4 - 12 - 5) / 5.0;
  double sum = 0;
  for (const double projection : {1.0, 3.0, -4.0, -12.0, -5.0})
    sum += (projection - mean) * (projection - mean);
  const double expected = std::sqrt(sum / 4 / 5);
  EXPECT_NEAR(found->norm, expected, 1e-12);
  EXPECT_NEAR(found->vector[0].item<double>(), expected / std::sqrt(5.0), 1e-12);
  EXPECT_NEAR(found->vector[1].item<double>(), -2 * expected / std::sqrt(5.0), 1e-12);
  EXPECT_NEAR(found->vector.norm().item<double>(), found->norm, 1e-12);
}

TEST(FindSteeringVectorTest, TakesTheDirectionFromTheFirstRowsOnly) {
  const auto half = FindSteeringVector(Rows(), Labels(), 4);
  const auto all = FindSteeringVector(Rows(), Labels(), 5);
  ASSERT_TRUE(half.has_value() && all.has_value());
  EXPECT_NEAR((all->vector[1] / all->vector[0]).item<double>(), (5.0 / 3 - 4) / 3, 1e-12);
  EXPECT_NEAR((half->vector[1] / half->vector[0]).item<double>(), -2, 1e-12);
}

TEST(FindSteeringVectorTest, ThereIsNoneWithoutBothLabelsOrWithoutADifference) {
  EXPECT_FALSE(FindSteeringVector(Rows(), Labels(), 2).has_value()) << "label 1 only";
  EXPECT_FALSE(FindSteeringVector(Rows(), Labels(), 0).has_value()) << "no rows";
  EXPECT_FALSE(FindSteeringVector(Rows(), at::zeros({5}, at::kDouble), 5).has_value()) << "label 0 only";
  EXPECT_FALSE(FindSteeringVector(at::ones({5, 2}), Labels(), 5).has_value()) << "equal means";
}

TEST(MeanDifferenceTest, IsUnscaled) {
  const auto difference = MeanDifference(Rows(), Labels());
  ASSERT_TRUE(difference.has_value());
  EXPECT_DOUBLE_EQ((*difference)[0].item<double>(), 3);
  EXPECT_NEAR((*difference)[1].item<double>(), 5.0 / 3 - 4, 1e-15);
  EXPECT_FALSE(MeanDifference(Rows(), at::ones({5}, at::kDouble)).has_value()) << "label 1 only";
  EXPECT_FALSE(MeanDifference(at::ones({5, 2}), Labels()).has_value()) << "equal means";
}

}  // namespace
}  // namespace probesweep::worker
