// Inputs on which a probe is easily wrong: each is decided in logistic_probe.h, for every solver.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "common/analysis_config.h"
#include "tests/support/status_matchers.h"
#include "worker/analysis/logistic_probe.h"
#include "worker/model/threads.h"

namespace probesweep::worker {
namespace {

class ProbeEdgeCaseTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    UseOneThreadPerOperation();
    at::manual_seed(31);
    features_ = at::randn({60, 8}, at::kDouble);
    labels_ = (features_.select(1, 0) + at::randn({60}, at::kDouble)).gt(0).to(at::kDouble);
  }

  absl::StatusOr<Probe> Fit(const at::Tensor& features, const at::Tensor& labels, double c = 1) {
    return FitProbe(features, labels, c, GetParam());
  }

  // What a probe may miss of the optimum: sklearn's stop early.
  double Tolerance() const { return GetParam() == "exact" ? 1e-6 : 2e-3; }

  at::Tensor features_, labels_;
};

TEST_P(ProbeEdgeCaseTest, AConstantFeatureGetsWhatTheInterceptLeaves) {
  // Zero: no weight at all. One: part of the intercept, shared so that ‖w‖² is least, hence no weight either.
  for (const double value : {0.0, 1.0}) {
    const at::Tensor wide = at::cat({features_, at::full({60, 1}, value, at::kDouble)}, 1);
    ASSERT_OK_AND_ASSIGN(const Probe plain, Fit(features_, labels_));
    ASSERT_OK_AND_ASSIGN(const Probe probe, Fit(wide, labels_));
    EXPECT_LT(std::abs(probe.weights[8].item<double>()), Tolerance());
    EXPECT_LT((probe.weights.narrow(0, 0, 8) - plain.weights).abs().max().item<double>(), Tolerance());
  }
}

TEST_P(ProbeEdgeCaseTest, OneClassMissingIsRefused) {
  EXPECT_STATUS(Fit(features_, at::ones({60}, at::kDouble)), kInvalidArgument, "60", "label 1",
                "other label");
  EXPECT_STATUS(Fit(features_, at::zeros({60}, at::kDouble)), kInvalidArgument, "label 0");
}

TEST_P(ProbeEdgeCaseTest, LabelsOtherThanZeroAndOneAreRefused) {
  EXPECT_STATUS(Fit(features_, labels_ * 2), kInvalidArgument, "labels 0 and 1");
  EXPECT_STATUS(Fit(features_, at::full({60}, std::nan(""), at::kDouble)), kInvalidArgument, "0 and 1");
}

TEST_P(ProbeEdgeCaseTest, ShapesThatDoNotMatchAreRefused) {
  EXPECT_STATUS(Fit(features_, labels_.narrow(0, 0, 59)), kInvalidArgument, "60x8", "59");
  EXPECT_STATUS(Fit(features_.narrow(1, 0, 0), labels_), kInvalidArgument, "60x0");
}

TEST_P(ProbeEdgeCaseTest, FeaturesThatAreNoNumbersAreRefused) {
  for (const double value : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    at::Tensor broken = features_.clone();
    broken[17][3] = value;
    EXPECT_STATUS(Fit(broken, labels_), kInvalidArgument, "row 17", "feature 3");
  }
}

TEST_P(ProbeEdgeCaseTest, FewerRowsThanFeaturesHaveAUniqueOptimum) {
  const at::Tensor wide = at::randn({20, 200}, at::kDouble);
  const at::Tensor labels = wide.select(1, 0).gt(0).to(at::kDouble);
  ASSERT_OK_AND_ASSIGN(const Probe probe, Fit(wide, labels));
  EXPECT_TRUE(probe.Logits(wide).gt(0).eq(labels.gt(0)).all().item<bool>());
  // It lies in the span of the rows.
  const at::Tensor projection = std::get<0>(at::linalg_qr(wide.t()));
  const at::Tensor inside = at::mv(projection, at::mv(projection.t(), probe.weights));
  EXPECT_LT((inside - probe.weights).norm().item<double>(), 1e-10);
}

TEST_P(ProbeEdgeCaseTest, SeparableDataHaveFiniteWeightsThatGrowWithC) {
  const at::Tensor labels = features_.select(1, 0).gt(0).to(at::kDouble);
  double previous = 0;
  for (const double c : {0.01, 1.0, 100.0}) {
    ASSERT_OK_AND_ASSIGN(const Probe probe, Fit(features_, labels, c));
    const double norm = probe.weights.norm().item<double>();
    EXPECT_TRUE(std::isfinite(norm));
    EXPECT_GT(norm, previous);
    previous = norm;
  }
}

TEST_P(ProbeEdgeCaseTest, TwiceTheRowsIsTwiceC) {
  ASSERT_OK_AND_ASSIGN(const Probe doubled, Fit(features_, labels_, 2));
  ASSERT_OK_AND_ASSIGN(const Probe repeated, Fit(features_.repeat({2, 1}), labels_.repeat({2})));
  EXPECT_LT((doubled.weights - repeated.weights).abs().max().item<double>(), Tolerance());
}

TEST_P(ProbeEdgeCaseTest, HugeFeaturesGetSmallWeightsAndTinyOnesNone) {
  for (const double scale : {1e6, 1e-9}) {
    ASSERT_OK_AND_ASSIGN(const Probe probe, Fit(features_ * scale, labels_));
    const double largest = probe.weights.abs().max().item<double>();
    EXPECT_TRUE(std::isfinite(probe.intercept));
    EXPECT_LT(largest, scale > 1 ? 1e-5 : 1e-7);
    EXPECT_GT(largest, 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Solvers, ProbeEdgeCaseTest, ::testing::ValuesIn(KnownSolvers()));

TEST(FitProbeTest, RefusesAnUnknownSolver) {
  const at::Tensor features = at::tensor({1.0, 2.0}, at::kDouble).view({2, 1});
  EXPECT_STATUS(FitProbe(features, at::tensor({0.0, 1.0}, at::kDouble), 1, "sklern"), kInvalidArgument,
                "'sklern'", "did you mean sklearn?");
}

}  // namespace
}  // namespace probesweep::worker
