#include "worker/model/alibi.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace probesweep::worker {
namespace {

TEST(AlibiSlopesTest, AreAGeometricSeriesAndForOtherNumbersOfHeadsWhatLiesBetween) {
  struct Case {
    int64_t heads;
    std::vector<double> exponents;  // of 1/2
  };
  const Case cases[] = {
      {1, {8}},
      {2, {4, 8}},
      {3, {4, 8, 2}},
      {4, {2, 4, 6, 8}},
      {6, {2, 4, 6, 8, 1, 3}},
      {8, {1, 2, 3, 4, 5, 6, 7, 8}},
      {12, {1, 2, 3, 4, 5, 6, 7, 8, 0.5, 1.5, 2.5, 3.5}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.heads);
    const at::Tensor slopes = AlibiSlopes(c.heads);
    ASSERT_EQ(slopes.size(0), static_cast<int64_t>(c.exponents.size()));
    for (size_t head = 0; head < c.exponents.size(); ++head) {
      const double expected = std::exp2(-c.exponents[head]);
      EXPECT_NEAR(slopes[static_cast<int64_t>(head)].item<double>() / expected, 1, 1e-6) << head;
    }
  }
}

TEST(AlibiTest, BiasesAreSlopesTimesPositions) {
  const Alibi alibi{at::tensor({0.5, 0.3}, at::kFloat), {}};
  const at::Tensor biases = alibi.Biases(300);
  EXPECT_FLOAT_EQ(biases[0][299].item<float>(), 149.5F);
  EXPECT_FLOAT_EQ(biases[1][299].item<float>(), 299 * 0.3F);
}

// bf16 has 8 binary digits.
TEST(AlibiTest, RoundedOnesAreProductsOfBf16) {
  const Alibi alibi{at::tensor({0.5, 0.3}, at::kFloat), {/*rounded=*/true, /*divisor=*/4}};
  const at::Tensor biases = alibi.Biases(300);
  EXPECT_EQ(biases[0][255].item<float>(), 127.5F / 4);
  EXPECT_EQ(biases[0][257].item<float>(), 128.0F / 4);
  EXPECT_EQ(biases[0][299].item<float>(), 150.0F / 4);
  EXPECT_EQ(biases[1][1].item<float>(), 0.30078125F / 4);
  EXPECT_EQ(biases[1][3].item<float>(), 0.90234375F / 4);
  EXPECT_EQ(biases[1][7].item<float>(), 2.109375F / 4);
}

}  // namespace
}  // namespace probesweep::worker
