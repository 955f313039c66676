#include "worker/analysis/standardize.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace probesweep::worker {
namespace {

TEST(StandardizeTest, CentresAndScalesEachFeatureOverAllRows) {
  const at::Tensor x = at::tensor({1.0f, 10.0f, 2.0f, 30.0f, 6.0f, 20.0f}).view({3, 2});
  const Standardized result = Standardize(x);
  EXPECT_EQ(result.values.scalar_type(), at::kDouble);
  EXPECT_DOUBLE_EQ(result.mean[0].item<double>(), 3);
  EXPECT_DOUBLE_EQ(result.mean[1].item<double>(), 20);
  EXPECT_NEAR(result.scale[0].item<double>(), std::sqrt(7.0), 1e-15) << "ddof 1";
  EXPECT_NEAR(result.scale[1].item<double>(), 10, 1e-14);
  EXPECT_NEAR(result.values[2][0].item<double>(), 3 / std::sqrt(7.0), 1e-15);
  EXPECT_NEAR(result.values[0][1].item<double>(), -1, 1e-15);
}

TEST(StandardizeTest, AConstantFeatureBecomesExactlyZero) {
  // The mean of so many times 0.1 misses 0.1 by a rounding for some of these counts.
  for (const int64_t rows : {2, 3, 7, 61, 1000}) {
    const at::Tensor x =
        at::cat({at::full({rows, 1}, 0.1, at::kDouble), at::arange(rows, at::kDouble).unsqueeze(1)}, 1);
    const Standardized result = Standardize(x);
    EXPECT_TRUE(result.values.select(1, 0).eq(0).all().item<bool>()) << rows;
    EXPECT_TRUE(result.values.select(1, 1).ne(0).any().item<bool>()) << rows;
    EXPECT_EQ(result.scale[0].item<double>(), 0) << rows;
  }
}

TEST(StandardizeTest, AFeatureThatDiffersInOneRowIsNotConstant) {
  at::Tensor x = at::ones({5, 1});
  x[4][0] = 1 + 0x1p-23f;
  const Standardized result = Standardize(x);
  EXPECT_NEAR(at::std(result.values, 0, true).item<double>(), 1, 1e-9);
}

TEST(StandardizeTest, OtherRowsAreScaledLikeTheFirstAndTheInputStaysAsItIs) {
  const at::Tensor x = at::tensor({1.0, 7.0, 3.0, 7.0}, at::kDouble).view({2, 2});
  const Standardized result = Standardize(x);
  const at::Tensor others = at::tensor({5.0, 9.0}, at::kDouble).view({1, 2});
  const at::Tensor applied = result.Apply(others);
  EXPECT_NEAR(applied[0][0].item<double>(), 3 / std::sqrt(2.0), 1e-15);
  EXPECT_EQ(applied[0][1].item<double>(), 0) << "it was constant";
  EXPECT_EQ(others[0][1].item<double>(), 9);
  EXPECT_EQ(x[0][0].item<double>(), 1);
}

}  // namespace
}  // namespace probesweep::worker
