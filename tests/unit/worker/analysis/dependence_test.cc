#include "worker/analysis/dependence.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <tuple>

namespace probesweep::worker {
namespace {

at::Tensor Sample(int64_t rows, int64_t features) { return at::randn({rows, features}, at::kDouble) * 1.3; }

at::Tensor Kernel(const at::Tensor& z, KernelKind kind, const HsicOptions& options) {
  if (kind == KernelKind::kLinear) return at::mm(z, z.t());
  const double features = options.scale_by_dimension ? static_cast<double>(z.size(1)) : 1;
  const at::Tensor distances = (z.unsqueeze(1) - z.unsqueeze(0)).square().sum(2);
  return at::exp(-distances / (2 * options.sigma * options.sigma * features));
}

double Trace(const at::Tensor& a, const at::Tensor& b) { return at::trace(at::mm(a, b)).item<double>(); }

// The definition: tr(K H L H) / (m − 1)².
double HsicByDefinition(const at::Tensor& x, const at::Tensor& t, KernelKind kind,
                        const HsicOptions& options) {
  const int64_t rows = x.size(0);
  const double m = static_cast<double>(rows);
  const at::Tensor h = at::eye(rows, at::kDouble) - at::full({rows, rows}, 1 / m, at::kDouble);
  return Trace(at::mm(Kernel(x, kind, options), h), at::mm(Kernel(t, kind, options), h)) /
         ((m - 1) * (m - 1));
}

// The unbiased estimator, term by term as in its definition.
double UnbiasedByDefinition(const at::Tensor& x, const at::Tensor& t) {
  const double m = static_cast<double>(x.size(0));
  const at::Tensor k = at::mm(x, x.t()).fill_diagonal_(0), l = at::mm(t, t.t()).fill_diagonal_(0);
  const double kl = at::mm(k, l).sum().item<double>();
  const double totals = k.sum().item<double>() * l.sum().item<double>();
  return (Trace(k, l) + totals / ((m - 1) * (m - 2)) - 2 / (m - 2) * kl) / (m * (m - 3));
}

double CkaByDefinition(const at::Tensor& x, const at::Tensor& t) {
  return UnbiasedByDefinition(x, t) / std::sqrt(UnbiasedByDefinition(x, x) * UnbiasedByDefinition(t, t));
}

struct Case {
  const char* intent;
  int64_t rows, x_features, t_features;
  HsicOptions options;
};
// More rows than are made at a time, where the parts must fit together.
const Case kCases[] = {
    {"as published", 60, 10, 7, {}},
    {"more features than rows", 25, 80, 40, {}},
    {"blocks of rows", 450, 5, 7, {1.0, 1e-3}},
    {"whole blocks of rows", 384, 3, 2, {2.0, 1e-3}},
    {"exponent not scaled by the features", 40, 30, 9, {5.0, 1e-3, false}},
    {"few rows", 5, 3, 2, {}},
};

TEST(BiasedHsicTest, IsItsDefinition) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.intent);
    at::manual_seed(51);
    const at::Tensor x = Sample(c.rows, c.x_features);
    const at::Tensor t = Sample(c.rows, c.t_features) + x.narrow(1, 0, 1);
    for (const KernelKind kind : {KernelKind::kGaussian, KernelKind::kLinear}) {
      const double expected = HsicByDefinition(x, t, kind, c.options);
      EXPECT_NEAR(BiasedHsic(x, t, kind, c.options), expected, 1e-13 + 1e-11 * expected);
      EXPECT_DOUBLE_EQ(BiasedHsic(x, t, kind, c.options), BiasedHsic(t, x, kind, c.options));
    }
  }
}

TEST(BiasedHsicTest, OfLabelsIsItsDefinition) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.intent);
    at::manual_seed(52);
    const at::Tensor t = Sample(c.rows, c.t_features);
    const at::Tensor labels = t.select(1, 0).gt(t.select(1, 0).median()).to(at::kDouble);
    for (const KernelKind kind : {KernelKind::kGaussian, KernelKind::kLinear}) {
      const double expected = HsicByDefinition(labels.unsqueeze(1), t, kind, c.options);
      EXPECT_NEAR(BiasedLabelHsic(t, labels, kind, c.options), expected, 1e-13 + 1e-11 * expected);
    }
  }
}

TEST(BiasedHsicTest, KeepsItsDigitsFarFromZeroAndWhereTheKernelIsWide) {
  // Entries of the kernel that differ in their 13th digit: what they differ by is the linear kernel.
  const HsicOptions wide{1e6, 1e-5, false};
  at::manual_seed(53);
  const at::Tensor x = Sample(50, 3), t = Sample(50, 4) + x.narrow(1, 0, 1);
  const double linear = BiasedHsic(x, t, KernelKind::kLinear, wide);
  EXPECT_NEAR(BiasedHsic(x, t, KernelKind::kGaussian, wide) * 1e24 / linear, 1, 1e-9);
  EXPECT_NEAR(BiasedHsic(x + 1e6, t - 1e6, KernelKind::kLinear, wide) / linear, 1, 1e-8);
}

TEST(DebiasedCkaTest, IsItsDefinition) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.intent);
    at::manual_seed(54);
    const at::Tensor x = Sample(c.rows, c.x_features);
    const at::Tensor t = Sample(c.rows, c.t_features) + 2 * x.narrow(1, 0, 1);
    const at::Tensor labels = t.select(1, 0).gt(t.select(1, 0).median()).to(at::kDouble);
    const auto cka = DebiasedCka(x, t), of_labels = DebiasedLabelCka(t, labels);
    ASSERT_TRUE(cka.has_value() && of_labels.has_value());
    EXPECT_NEAR(*cka, CkaByDefinition(x, t), 1e-10);
    EXPECT_NEAR(*of_labels, CkaByDefinition(labels.unsqueeze(1), t), 1e-10);
  }
}

TEST(DebiasedCkaTest, IsOneForARotatedAndScaledSample) {
  at::manual_seed(55);
  const at::Tensor x = Sample(80, 6);
  const at::Tensor rotation = std::get<0>(at::linalg_qr(Sample(6, 6)));
  EXPECT_NEAR(*DebiasedCka(x, 7 * at::mm(x, rotation) + 3), 1, 1e-12);
}

TEST(DebiasedCkaTest, IsZeroInTheMeanForIndependentSamples) {
  // The biased estimate would be near 1 here, for there are more features than rows.
  at::manual_seed(56);
  double sum = 0;
  for (int draw = 0; draw < 40; ++draw) sum += *DebiasedCka(Sample(20, 200), Sample(20, 200));
  EXPECT_NEAR(sum / 40, 0, 0.05);
}

TEST(DebiasedCkaTest, IsUnsetWhereItIsNotDefined) {
  at::manual_seed(57);
  EXPECT_FALSE(DebiasedCka(Sample(3, 2), Sample(3, 2)).has_value());
  EXPECT_FALSE(DebiasedCka(at::full({30, 3}, 0.1, at::kDouble), Sample(30, 2)).has_value());
  EXPECT_FALSE(DebiasedLabelCka(Sample(30, 2), at::ones({30}, at::kDouble)).has_value());
  EXPECT_TRUE(DebiasedCka(Sample(4, 2), Sample(4, 2)).has_value());
}

}  // namespace
}  // namespace probesweep::worker
