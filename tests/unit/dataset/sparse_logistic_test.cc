#include "dataset/sparse_logistic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "tests/support/status_matchers.h"

namespace probesweep {
namespace {

SparseMatrix FromRows(const std::vector<std::vector<double>>& rows) {
  SparseMatrix matrix;
  matrix.column_count = rows[0].size();
  for (const std::vector<double>& row : rows) {
    for (size_t j = 0; j < row.size(); ++j) {
      if (row[j] != 0.0) matrix.Append(static_cast<uint32_t>(j), row[j]);
    }
    matrix.EndRow();
  }
  return matrix;
}

// The largest entry of the objective's gradient, from its definition.
double GradientNorm(const LogisticModel& model, const SparseMatrix& features,
                    const std::vector<int>& labels) {
  std::vector<double> gradient = model.weights;
  double of_intercept = 0.0;
  const std::vector<double> scores = Scores(model, features);
  for (size_t row = 0; row < labels.size(); ++row) {
    const double residual = 1.0 / (1.0 + std::exp(-scores[row])) - labels[row];
    of_intercept += residual;
    for (size_t k = features.row_begin[row]; k < features.row_begin[row + 1]; ++k) {
      gradient[features.columns[k]] += residual * features.values[k];
    }
  }
  double norm = std::abs(of_intercept);
  for (const double entry : gradient) norm = std::max(norm, std::abs(entry));
  return norm;
}

TEST(SparseMatrixTest, MultipliesEitherWay) {
  const SparseMatrix matrix = FromRows({{0.0, 2.0, 0.0}, {0.0, 0.0, 0.0}, {-1.0, 0.0, 3.0}});
  EXPECT_EQ(matrix.row_count(), 3u);
  EXPECT_EQ(matrix.Times({1.0, 10.0, 100.0}), (std::vector<double>{20.0, 0.0, 299.0}));
  EXPECT_EQ(matrix.TransposedTimes({1.0, 10.0, 100.0}), (std::vector<double>{-100.0, 2.0, 300.0}));
  EXPECT_EQ(matrix.TransposedSquaresTimes({1.0, 10.0, 100.0}), (std::vector<double>{100.0, 4.0, 900.0}));
}

// Golden: scikit-learn 1.9.1, LogisticRegression(C=1.0, solver='newton-cg', tol=1e-12).fit(
//     [[1, 0], [2, 1], [0, -1], [-1, 3], [0.5, 0]], [1, 1, 0, 0, 1]); coef_, intercept_
TEST(FitSparseLogisticTest, EqualsScikitLearn) {
  const SparseMatrix features = FromRows({{1.0, 0.0}, {2.0, 1.0}, {0.0, -1.0}, {-1.0, 3.0}, {0.5, 0.0}});
  ASSERT_OK_AND_ASSIGN(const LogisticModel model, FitSparseLogistic(features, {1, 1, 0, 0, 1}));
  EXPECT_NEAR(model.weights[0], 0.9604577764221142, 1e-9);
  EXPECT_NEAR(model.weights[1], -0.07145847063859719, 1e-9);
  EXPECT_NEAR(model.intercept, 0.041892814776974235, 1e-9);
}

TEST(FitSparseLogisticTest, ReachesTheOptimumOfHardProblems) {
  std::mt19937 random(11);
  std::normal_distribution<double> normal;
  // Rows, columns, and a scale that makes full Newton steps overshoot.
  for (const auto& [rows, columns, scale] :
       {std::tuple(40, 200, 1.0), {300, 5, 1.0}, {100, 30, 200.0}, {60, 90, 1e-3}}) {
    std::vector<std::vector<double>> dense(rows, std::vector<double>(columns));
    std::vector<int> labels(rows);
    for (auto& row : dense) {
      for (double& value : row) value = random() % 3 == 0 ? scale * normal(random) : 0.0;
    }
    for (size_t i = 0; i < labels.size(); ++i)
      labels[i] = i < 2 || dense[i][0] + scale * normal(random) > 0.0;
    labels[0] = 0;
    const SparseMatrix features = FromRows(dense);
    SCOPED_TRACE(scale);
    ASSERT_OK_AND_ASSIGN(const LogisticModel model, FitSparseLogistic(features, labels));
    EXPECT_LE(GradientNorm(model, features, labels), 1e-9 * rows);
    EXPECT_LT(model.iterations, 40);
  }
}

TEST(FitSparseLogisticTest, ReachesTheOptimumWhereFullNewtonStepsDiverge) {
  const SparseMatrix features =
      FromRows({{-104.7, -14.8}, {-10.9, 34.7}, {-262.9, 11.3}, {203.0, -30.9}, {21084.0, 19.5}});
  const std::vector<int> labels = {1, 0, 1, 1, 0};
  ASSERT_OK_AND_ASSIGN(const LogisticModel model, FitSparseLogistic(features, labels));
  EXPECT_LE(GradientNorm(model, features, labels), 1e-9 * 5);
}

TEST(FitSparseLogisticTest, OneRareLabelAndNoFeatureGivesItsLogOdds) {
  SparseMatrix features;
  features.column_count = 2;
  std::vector<int> labels(1000);
  for (size_t row = 0; row < labels.size(); ++row) features.EndRow();
  labels[3] = 1;
  ASSERT_OK_AND_ASSIGN(const LogisticModel model, FitSparseLogistic(features, labels));
  EXPECT_NEAR(model.intercept, std::log(1.0 / 999.0), 1e-6);
  EXPECT_EQ(model.weights, std::vector<double>(2));
}

TEST(FitSparseLogisticTest, RefusesOneLabel) {
  EXPECT_STATUS(FitSparseLogistic(FromRows({{1.0}, {2.0}}), {1, 1}), kInvalidArgument, "one label only");
  EXPECT_STATUS(FitSparseLogistic(FromRows({{1.0}, {2.0}}), {0, 0}), kInvalidArgument, "one label only");
}

}  // namespace
}  // namespace probesweep
