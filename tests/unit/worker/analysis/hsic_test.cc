#include "worker/analysis/hsic.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/status_matchers.h"

namespace probesweep::worker {
namespace {

// The published formula, with a general inverse: R = Kc (Kc + ε m I)⁻¹, K = exp(−D / (2σ²·dim)), Kc = K H.
at::Tensor NormalisedKernel(const at::Tensor& x, const HsicOptions& options) {
  const int64_t rows = x.size(0);
  const at::Tensor distances = (x.unsqueeze(1) - x.unsqueeze(0)).square().sum(2);
  const double width = 2 * options.sigma * options.sigma * static_cast<double>(x.size(1));
  const at::Tensor eye = at::eye(rows, at::kDouble);
  const at::Tensor centring = eye - at::full({rows, rows}, 1.0 / static_cast<double>(rows), at::kDouble);
  const at::Tensor centred = at::mm(at::exp(-distances / width), centring);
  return at::mm(centred, at::linalg_inv(centred + options.epsilon * static_cast<double>(rows) * eye));
}

double Formula(const at::Tensor& x, const at::Tensor& t, const HsicOptions& options) {
  return at::trace(at::mm(NormalisedKernel(x, options), NormalisedKernel(t, options))).item<double>();
}

struct Case {
  const char* intent;
  int64_t rows, x_features, t_features;
  HsicOptions options;
};
const Case kCases[] = {
    {"as published", 60, 10, 10, {}},
    {"more features than rows", 25, 80, 40, {}},
    {"a narrow kernel", 40, 5, 7, {1.0, 1e-3}},
    {"two rows", 2, 3, 3, {}},
    {"a large regularisation", 50, 8, 8, {50, 0.5}},
};

at::Tensor Sample(int64_t rows, int64_t features) { return at::randn({rows, features}, at::kDouble) * 1.5; }

TEST(MutualInformationTest, IsThePublishedFormula) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.intent);
    at::manual_seed(21);
    const at::Tensor x = Sample(c.rows, c.x_features), t = Sample(c.rows, c.t_features);
    ASSERT_OK_AND_ASSIGN(const KernelInverse inverse_x, InvertKernel(x, c.options));
    ASSERT_OK_AND_ASSIGN(const KernelInverse inverse_t, InvertKernel(t, c.options));
    EXPECT_NEAR(MutualInformation(inverse_x, inverse_t), Formula(x, t, c.options), 1e-9);
    EXPECT_NEAR(MutualInformation(inverse_x, inverse_x), Formula(x, x, c.options), 1e-9);
    EXPECT_NEAR(MutualInformation(inverse_x, inverse_t), MutualInformation(inverse_t, inverse_x), 1e-12);
  }
}

TEST(LabelInformationTest, IsThePublishedFormulaForTheLabelsKernel) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.intent);
    at::manual_seed(22);
    const at::Tensor t = Sample(c.rows, c.t_features);
    at::Tensor labels = t.select(1, 0).gt(0.2).to(at::kDouble);
    labels[0] = 1;
    labels[1] = 0;
    ASSERT_OK_AND_ASSIGN(const KernelInverse inverse, InvertKernel(t, c.options));
    EXPECT_NEAR(LabelInformation(inverse, labels, c.options), Formula(labels.unsqueeze(1), t, c.options),
                1e-9);
  }
}

TEST(LabelInformationTest, ConstantLabelsTellNothing) {
  at::manual_seed(23);
  ASSERT_OK_AND_ASSIGN(const KernelInverse inverse, InvertKernel(Sample(10, 3), {}));
  EXPECT_EQ(LabelInformation(inverse, at::ones({10}, at::kDouble), {}), 0);
}

TEST(MutualInformationTest, IndependentSamplesShareLittle) {
  // A narrow kernel sees that x² hangs on x, which no straight line shows.
  const HsicOptions options{1.0, 1e-2};
  at::manual_seed(24);
  const at::Tensor x = Sample(300, 1), other = Sample(300, 1);
  ASSERT_OK_AND_ASSIGN(const KernelInverse inverse_x, InvertKernel(x, options));
  ASSERT_OK_AND_ASSIGN(const KernelInverse inverse_other, InvertKernel(other, options));
  ASSERT_OK_AND_ASSIGN(const KernelInverse inverse_function, InvertKernel(x.square().sub(1), options));
  const double independent = MutualInformation(inverse_x, inverse_other);
  EXPECT_GE(independent, 0);
  EXPECT_LT(independent, 0.3);
  EXPECT_GT(MutualInformation(inverse_x, inverse_function), 3 * independent);
  EXPECT_GT(MutualInformation(inverse_x, inverse_x), 1);
}

TEST(InvertKernelTest, ConstantSamplesTellNothing) {
  at::manual_seed(25);
  ASSERT_OK_AND_ASSIGN(const KernelInverse constant, InvertKernel(at::zeros({30, 4}, at::kDouble), {}));
  ASSERT_OK_AND_ASSIGN(const KernelInverse other, InvertKernel(Sample(30, 4), {}));
  EXPECT_NEAR(MutualInformation(constant, other), 0, 1e-9);
  EXPECT_NEAR(LabelInformation(constant, at::arange(30, at::kDouble).gt(10).to(at::kDouble), {}), 0, 1e-9);
}

TEST(InvertKernelTest, SaysSoWhenTheMatrixIsNotPositiveDefinite) {
  at::manual_seed(26);
  EXPECT_STATUS(InvertKernel(Sample(3, 2), {50, -1}), kFailedPrecondition, "3 rows", "hsic_epsilon");
}

}  // namespace
}  // namespace probesweep::worker
