#include "worker/analysis/information_null.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "tests/support/status_matchers.h"

namespace probesweep::worker {
namespace {

constexpr HsicOptions kNarrow{1.0, 1e-3};

at::Tensor Sample(int64_t rows, int64_t features) { return at::randn({rows, features}, at::kDouble); }

KernelInverse Inverse(const at::Tensor& sample, const HsicOptions& options = kNarrow) {
  const auto inverse = InvertKernel(sample, options);
  EXPECT_TRUE(inverse.ok()) << inverse.status();
  return *inverse;
}

at::Tensor DrawOrders(int64_t permutations, int64_t rows) {
  return at::rand({permutations, rows}, at::kDouble).argsort(/*dim=*/1, /*descending=*/false);
}

at::Tensor EveryOrder(int64_t rows) {
  std::vector<int64_t> order(static_cast<size_t>(rows));
  std::iota(order.begin(), order.end(), 0);
  std::vector<at::Tensor> orders;
  do {
    orders.push_back(at::tensor(order, at::kLong));
  } while (std::next_permutation(order.begin(), order.end()));
  return at::stack(orders);
}

// Row p: the labels in order p.
at::Tensor InOrder(const at::Tensor& labels, const at::Tensor& orders) { return labels.take(orders); }

// The information for each order, one by one, from samples put in that order.
std::vector<double> InformationInOrders(const at::Tensor& x, const at::Tensor& t, const at::Tensor& orders) {
  const KernelInverse inverse = Inverse(x);
  std::vector<double> values;
  for (int64_t p = 0; p < orders.size(0); ++p) {
    values.push_back(MutualInformation(inverse, Inverse(t.index_select(0, orders[p]))));
  }
  return values;
}

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double ShareAtLeast(const std::vector<double>& values, double observed) {
  const auto count =
      std::count_if(values.begin(), values.end(), [&](double v) { return v >= observed - 1e-9; });
  return static_cast<double>(count + 1) / static_cast<double>(values.size() + 1);
}

TEST(MutualInformationNullTest, ItsMeanIsThatOverEveryOrder) {
  at::manual_seed(31);
  const at::Tensor x = Sample(6, 3), t = Sample(6, 2);
  const std::vector<double> all = InformationInOrders(x, t, EveryOrder(6));
  const NullDistribution null = MutualInformationNull(Inverse(x), Inverse(t), DrawOrders(2, 6), 0.0);
  EXPECT_NEAR(null.mean, Mean(all), 1e-10);
}

TEST(MutualInformationNullTest, CountsTheOrdersWithAtLeastTheObserved) {
  at::manual_seed(32);
  const at::Tensor x = Sample(23, 2), t = x + 0.7 * Sample(23, 2), orders = DrawOrders(60, 23);
  const std::vector<double> values = InformationInOrders(x, t, orders);
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  // Between two of them, and at one.
  for (const double observed : {0.5 * (sorted[40] + sorted[41]), sorted[13], sorted[59] + 0.1}) {
    const NullDistribution null = MutualInformationNull(Inverse(x), Inverse(t), orders, observed);
    EXPECT_DOUBLE_EQ(null.p, ShareAtLeast(values, observed));
    EXPECT_NEAR(null.drawn_mean, Mean(values), 1e-10);
  }
}

TEST(MutualInformationNullTest, TheOrderObservedCountsAsAtLeastTheObserved) {
  at::manual_seed(33);
  const KernelInverse x = Inverse(Sample(40, 3)), t = Inverse(Sample(40, 5));
  const at::Tensor unmoved = at::arange(40, at::kLong).repeat({9, 1});
  EXPECT_EQ(MutualInformationNull(x, t, unmoved, MutualInformation(x, t)).p, 1.0);
}

TEST(MutualInformationNullTest, WithoutPermutationsThereIsStillTheMean) {
  at::manual_seed(34);
  const KernelInverse x = Inverse(Sample(12, 3)), t = Inverse(Sample(12, 5));
  const NullDistribution null = MutualInformationNull(x, t, DrawOrders(0, 12), 1.0);
  EXPECT_EQ(null.p, 1.0);
  EXPECT_DOUBLE_EQ(null.mean, MutualInformationNull(x, t, DrawOrders(3, 12), 1.0).mean);
  EXPECT_EQ(null.drawn_mean, null.mean);
}

TEST(MutualInformationNullTest, DependentSamplesStandOut) {
  at::manual_seed(35);
  const at::Tensor x = Sample(60, 1);
  const KernelInverse inverse = Inverse(x), square = Inverse(x.square());
  const double observed = MutualInformation(inverse, square);
  const NullDistribution null = MutualInformationNull(inverse, square, DrawOrders(99, 60), observed);
  EXPECT_DOUBLE_EQ(null.p, 0.01);
  EXPECT_LT(null.mean, 0.5 * observed);
}

TEST(MutualInformationNullTest, ConstantSamplesShowNothing) {
  at::manual_seed(36);
  const KernelInverse constant = Inverse(at::ones({30, 4}, at::kDouble)), t = Inverse(Sample(30, 4));
  const NullDistribution null =
      MutualInformationNull(constant, t, DrawOrders(19, 30), MutualInformation(constant, t));
  EXPECT_NEAR(null.mean, 0, 1e-12);
  EXPECT_EQ(null.p, 1.0);
}

class LabelInformationNullTest : public ::testing::Test {
 protected:
  std::vector<double> InOrders(const KernelInverse& t, const at::Tensor& labels, const at::Tensor& orders) {
    std::vector<double> values;
    for (int64_t p = 0; p < orders.size(0); ++p) {
      values.push_back(LabelInformation(t, labels.index_select(0, orders[p]), kNarrow));
    }
    return values;
  }
};

TEST_F(LabelInformationNullTest, ItsMeanIsThatOverEveryOrder) {
  at::manual_seed(37);
  const KernelInverse t = Inverse(Sample(7, 2));
  const at::Tensor labels = at::tensor({1, 0, 0, 1, 1, 0, 0}, at::kDouble);
  const std::vector<double> all = InOrders(t, labels, EveryOrder(7));
  const NullDistribution null = LabelInformationNull(t, InOrder(labels, DrawOrders(3, 7)), 0.0, kNarrow);
  EXPECT_NEAR(null.mean, Mean(all), 1e-10);
}

TEST_F(LabelInformationNullTest, CountsTheOrdersWithAtLeastTheObserved) {
  at::manual_seed(38);
  const KernelInverse t = Inverse(Sample(25, 3));
  const at::Tensor labels = at::arange(25, at::kDouble).gt(9).to(at::kDouble), orders = DrawOrders(50, 25);
  const std::vector<double> values = InOrders(t, labels, orders);
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  for (const double observed : {0.5 * (sorted[30] + sorted[31]), sorted[7], sorted[49] + 0.1}) {
    const NullDistribution null = LabelInformationNull(t, InOrder(labels, orders), observed, kNarrow);
    EXPECT_DOUBLE_EQ(null.p, ShareAtLeast(values, observed));
    EXPECT_NEAR(null.drawn_mean, Mean(values), 1e-10);
  }
}

TEST_F(LabelInformationNullTest, TheOrderObservedCountsAsAtLeastTheObserved) {
  at::manual_seed(39);
  const KernelInverse t = Inverse(Sample(33, 4));
  const at::Tensor labels = at::arange(33, at::kDouble).gt(20).to(at::kDouble);
  const double observed = LabelInformation(t, labels, kNarrow);
  EXPECT_EQ(LabelInformationNull(t, labels.repeat({9, 1}), observed, kNarrow).p, 1.0);
}

TEST_F(LabelInformationNullTest, ConstantLabelsShowNothing) {
  at::manual_seed(40);
  const KernelInverse t = Inverse(Sample(12, 4));
  const at::Tensor labels = at::ones({12}, at::kDouble);
  const NullDistribution null =
      LabelInformationNull(t, labels.repeat({19, 1}), LabelInformation(t, labels, kNarrow), kNarrow);
  EXPECT_EQ(null.mean, 0);
  EXPECT_EQ(null.p, 1.0);
}

// The largest distance between the share of values up to some point and that of the uniform distribution.
double DistanceFromUniform(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const double count = static_cast<double>(values.size());
  double largest = 0;
  for (size_t i = 0; i < values.size();) {
    size_t next = i;  // p-values fall on a grid, on which the share is compared
    while (next < values.size() && values[next] == values[i]) ++next;
    largest = std::max(largest, std::abs(static_cast<double>(next) / count - values[i]));
    i = next;
  }
  return largest;
}

TEST(NullTest, PValuesOfIndependentSamplesAreUniform) {
  constexpr int kDraws = 500;
  constexpr double kBoundAtOnePercent = 1.628;  // of Kolmogorov's distribution, times √draws
  const HsicOptions options{2.0, 1e-2};
  at::manual_seed(41);
  std::vector<double> of_samples, of_labels;
  for (int draw = 0; draw < kDraws; ++draw) {
    const KernelInverse x = Inverse(Sample(24, 2), options), t = Inverse(Sample(24, 3), options);
    const at::Tensor labels =
        at::rand({24}, at::kDouble).lt(0.4).to(at::kDouble).index_fill_(0, at::tensor({0L}), 1);
    const at::Tensor orders = DrawOrders(199, 24);
    of_samples.push_back(MutualInformationNull(x, t, orders, MutualInformation(x, t)).p);
    of_labels.push_back(
        LabelInformationNull(t, InOrder(labels, orders), LabelInformation(t, labels, options), options).p);
  }
  EXPECT_LT(DistanceFromUniform(of_samples) * std::sqrt(kDraws), kBoundAtOnePercent);
  EXPECT_LT(DistanceFromUniform(of_labels) * std::sqrt(kDraws), kBoundAtOnePercent);
}

}  // namespace
}  // namespace probesweep::worker
