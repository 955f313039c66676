#include "worker/analysis/logistic_probe.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/status_matchers.h"

namespace probesweep::worker {
namespace {

struct Problem {
  at::Tensor features;  // fp64 [rows, features]
  at::Tensor labels;    // fp64 [rows]
};

// Labels that hang on the features and on chance.
Problem RandomProblem(int64_t rows, int64_t features, uint64_t seed) {
  at::manual_seed(seed);
  Problem problem;
  problem.features = at::randn({rows, features}, at::kDouble);
  const at::Tensor weights = at::randn({features}, at::kDouble) / std::sqrt(static_cast<double>(features));
  const at::Tensor noise = at::randn({rows}, at::kDouble);
  problem.labels = (at::mv(problem.features, weights) + noise).gt(0.3).to(at::kDouble);
  problem.labels[0] = 0;
  problem.labels[1] = 1;
  return problem;
}

// The largest entry of the objective's gradient at the probe, intercept included; 0 only at the optimum.
double LargestGradient(const Problem& problem, const Probe& probe, double c) {
  const at::Tensor residual = (at::sigmoid(probe.Logits(problem.features)) - problem.labels) * c;
  const at::Tensor gradient = at::mv(problem.features.t(), residual) + probe.weights;
  return std::max(gradient.abs().max().item<double>(), std::abs(residual.sum().item<double>()));
}

TEST(FitLogisticProbeTest, EndsAtTheOptimum) {
  struct Case {
    const char* intent;
    int64_t rows, features;
    double c;
  };
  const Case cases[] = {
      {"primal", 200, 10, 1},
      {"dual", 40, 100, 1},
      {"as many rows as features", 50, 50, 1},
      {"one row more", 51, 50, 1},
      {"weak penalty", 60, 20, 1e4},
      {"weak penalty, dual", 20, 60, 1e4},
      {"strong penalty", 60, 20, 1e-4},
      {"one feature", 30, 1, 1},
      {"two rows", 2, 5, 1},
      {"too large for dense steps", 1300, 1100, 1},
      {"too large for dense steps, fewer rows", 1100, 1300, 1},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.intent);
    const Problem problem = RandomProblem(c.rows, c.features, 11);
    ASSERT_OK_AND_ASSIGN(const Probe probe, FitLogisticProbe(problem.features, problem.labels, c.c));
    EXPECT_LE(LargestGradient(problem, probe, c.c), 1e-8 * static_cast<double>(c.rows));
    EXPECT_GT(probe.weights.norm().item<double>(), 0);
    EXPECT_GT(probe.iterations, 0);
    EXPECT_LT(probe.iterations, 30);
  }
}

TEST(FitLogisticProbeTest, PrimalAndDualAgreeOnTheSameProblem) {
  // Features that are 0 everywhere change nothing but which of the two is taken.
  for (const int64_t rows : {20, 60}) {
    const Problem problem = RandomProblem(rows, 15, 12);
    const at::Tensor wide = at::cat({problem.features, at::zeros({rows, rows}, at::kDouble)}, 1);
    ASSERT_OK_AND_ASSIGN(const Probe primal, FitLogisticProbe(problem.features, problem.labels, 1));
    ASSERT_OK_AND_ASSIGN(const Probe dual, FitLogisticProbe(wide, problem.labels, 1));
    EXPECT_LT((dual.weights.narrow(0, 0, 15) - primal.weights).abs().max().item<double>(), 1e-8);
    EXPECT_EQ(dual.weights.narrow(0, 15, rows).abs().max().item<double>(), 0);
    EXPECT_NEAR(dual.intercept, primal.intercept, 1e-8);
  }
}

TEST(FitLogisticProbeTest, SeparableDataHaveAnOptimumToo) {
  for (const int64_t features : {3, 200}) {
    Problem problem = RandomProblem(100, features, 13);
    problem.labels = problem.features.select(1, 0).gt(0).to(at::kDouble);
    problem.features.select(1, 0).mul_(100);
    ASSERT_OK_AND_ASSIGN(const Probe probe, FitLogisticProbe(problem.features, problem.labels, 1));
    EXPECT_LE(LargestGradient(problem, probe, 1), 1e-6);
    EXPECT_TRUE(probe.Logits(problem.features).gt(0).eq(problem.labels.gt(0.5)).all().item<bool>());
  }
}

TEST(FitLogisticProbeTest, ClassesFarApartDoNotOverflow) {
  const at::Tensor sign = at::tensor({-1.0, 1.0, -1.0, 1.0}, at::kDouble);
  for (const int64_t copies : {1, 6}) {  // primal, dual
    const Problem problem{(sign * 1e4).unsqueeze(1).repeat({1, copies}), sign.gt(0).to(at::kDouble)};
    ASSERT_OK_AND_ASSIGN(const Probe probe, FitLogisticProbe(problem.features, problem.labels, 1));
    EXPECT_LE(LargestGradient(problem, probe, 1), 4e-8);
    EXPECT_NEAR(probe.intercept, 0, 1e-6);
  }
}

TEST(FitLogisticProbeTest, AConstantFeatureLeavesTheInterceptAlone) {
  const at::Tensor labels = at::tensor({1.0, 0.0, 1.0, 1.0}, at::kDouble);
  for (const int64_t features : {1, 9}) {  // primal, dual
    ASSERT_OK_AND_ASSIGN(const Probe probe,
                         FitLogisticProbe(at::zeros({4, features}, at::kDouble), labels, 1));
    EXPECT_EQ(probe.weights.abs().max().item<double>(), 0);
    EXPECT_NEAR(probe.intercept, std::log(3.0), 1e-7) << "the log of the odds";
  }
}

TEST(FitLogisticProbeTest, AStrongerPenaltyGivesSmallerWeights) {
  const Problem problem = RandomProblem(80, 10, 14);
  ASSERT_OK_AND_ASSIGN(const Probe weak, FitLogisticProbe(problem.features, problem.labels, 1));
  ASSERT_OK_AND_ASSIGN(const Probe strong, FitLogisticProbe(problem.features, problem.labels, 0.01));
  EXPECT_LT(strong.weights.norm().item<double>(), weak.weights.norm().item<double>() / 2);
}

TEST(ProbeTest, LogitsAreLinear) {
  const Probe probe{at::tensor({2.0, -1.0}, at::kDouble), 0.5, 0};
  const at::Tensor logits = probe.Logits(at::tensor({1.0, 1.0, 0.0, 3.0}, at::kDouble).view({2, 2}));
  EXPECT_TRUE(logits.equal(at::tensor({1.5, -2.5}, at::kDouble)));
}

}  // namespace
}  // namespace probesweep::worker
