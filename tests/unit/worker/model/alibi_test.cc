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

}  // namespace
}  // namespace probesweep::worker
