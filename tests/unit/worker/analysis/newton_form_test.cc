#include "worker/analysis/newton_form.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <tuple>
#include <utility>

namespace probesweep::worker {
namespace {

constexpr double kCertain = 1e12;  // an objective beside which every step is one near to the optimum

// A point at w = 0, the same in every form, of a problem whose features spread very differently and whose
// rows weigh very differently.
NewtonPoint RandomPoint(const at::Tensor& x, const NewtonForm& form) {
  at::manual_seed(22);
  NewtonPoint point;
  point.coefficients = form.Zero();
  point.weights = at::zeros({x.size(1)}, at::kDouble);
  point.logits = at::zeros({x.size(0)}, at::kDouble);
  point.residual = at::randn({x.size(0)}, at::kDouble);
  point.curvature = at::rand({x.size(0)}, at::kDouble).pow(3);
  point.gradient = at::mv(x.t(), point.residual);
  point.intercept_gradient = point.residual.sum().item<double>();
  point.objective = kCertain;
  return point;
}

at::Tensor UnevenFeatures(int64_t rows, int64_t features) {
  at::manual_seed(21);
  const at::Tensor scale = at::logspace(1, -1, features, 10, at::kDouble);
  const at::Tensor turn = std::get<0>(at::linalg_qr(at::randn({features, features}, at::kDouble)));
  return at::mm(at::randn({rows, features}, at::kDouble) * scale, turn);
}

TEST(TruncatedNewtonFormTest, StepsAsTheDenseFormDoes) {
  for (const auto& [rows, features] : {std::pair{300, 80}, std::pair{60, 150}}) {  // dense: primal, dual
    const at::Tensor x = UnevenFeatures(rows, features);
    const auto dense = DenseNewtonForm(x), truncated = TruncatedNewtonForm(x);
    const NewtonStep exact = dense->Step(RandomPoint(x, *dense));
    const NewtonStep step = truncated->Step(RandomPoint(x, *truncated));
    const at::Tensor expected = dense->Weights(exact.coefficients);
    EXPECT_LT((step.coefficients - expected).norm().item<double>(), 0.05 * expected.norm().item<double>());
    EXPECT_NEAR(step.intercept, exact.intercept, 0.1 * std::abs(exact.intercept));
  }
}

TEST(TruncatedNewtonFormTest, ACoarseStepFarFromTheOptimumStillLeadsDown) {
  const at::Tensor x = UnevenFeatures(300, 80);
  const auto form = TruncatedNewtonForm(x);
  NewtonPoint point = RandomPoint(x, *form);
  point.objective = 1;
  const NewtonStep step = form->Step(point);
  EXPECT_LT(point.gradient.dot(step.coefficients).item<double>() + point.intercept_gradient * step.intercept,
            0);
}

TEST(TruncatedNewtonFormTest, TheSameInputGivesTheSameBits) {
  const at::Tensor x = UnevenFeatures(300, 80);
  const auto first = TruncatedNewtonForm(x), second = TruncatedNewtonForm(x);
  const NewtonPoint point = RandomPoint(x, *first);
  EXPECT_TRUE(first->Step(point).coefficients.equal(second->Step(point).coefficients));
}

}  // namespace
}  // namespace probesweep::worker
