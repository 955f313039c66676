#include "dataset/surface_features.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace probesweep {
namespace {

using ::testing::ElementsAre;

std::vector<double> Row(const SparseMatrix& matrix, size_t row) {
  std::vector<double> dense(matrix.column_count);
  for (size_t k = matrix.row_begin[row]; k < matrix.row_begin[row + 1]; ++k) {
    dense[matrix.columns[k]] = matrix.values[k];
  }
  return dense;
}

TEST(SurfaceFeaturesTest, WeighsNGramsByTheirRarityAmongTrainRows) {
  const SurfaceFeatures features =
      ExtractSurfaceFeatures({"to be", "to to", "to", "be to xx"}, {{0, 1}, {2, 3}});
  // n-grams: to, be, "to be", "to to"; then length and capitals.
  ASSERT_EQ(features.train.column_count, 6u);
  const double rare = std::log(3.0 / 2.0) + 1.0;  // in one of two rows; "to" is in both: 1
  const double first = std::sqrt(1.0 + 2.0 * rare * rare);
  const double second = std::sqrt(4.0 + rare * rare);
  EXPECT_THAT(Row(features.train, 0), ElementsAre(1.0 / first, rare / first, rare / first, 0, 0, 0));
  EXPECT_THAT(Row(features.train, 1), ElementsAre(2.0 / second, 0, 0, rare / second, 0, 0));
}

TEST(SurfaceFeaturesTest, PassesOverTestWordsThatTrainRowsLack) {
  const SurfaceFeatures features =
      ExtractSurfaceFeatures({"to be", "to to", "to", "xx yy"}, {{0, 1}, {2, 3}});
  EXPECT_EQ(features.test.column_count, features.train.column_count);
  EXPECT_THAT(Row(features.test, 0), ElementsAre(1.0, 0, 0, 0, 0, 0));
  EXPECT_THAT(Row(features.test, 1), ElementsAre(0, 0, 0, 0, 0, 0));
}

TEST(SurfaceFeaturesTest, StandardisesShapeByTrainRows) {
  // Lengths 1 and 3: mean 2, deviation 1. Capitals 1 and 1: constant, so 0 everywhere.
  const SurfaceFeatures features = ExtractSurfaceFeatures({"A", "B !", "ÉÉÉÉÉÉ"}, {{0, 1}, {2}});
  ASSERT_EQ(features.train.column_count, 2u);
  EXPECT_THAT(Row(features.train, 0), ElementsAre(-1.0, 0.0));
  EXPECT_THAT(Row(features.train, 1), ElementsAre(1.0, 0.0));
  EXPECT_THAT(Row(features.test, 0), ElementsAre(4.0, 0.0));
}

}  // namespace
}  // namespace probesweep
