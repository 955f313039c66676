#include "client/analysis/cosine.h"

#include <gtest/gtest.h>

#include <cmath>

namespace probesweep::client {
namespace {

TEST(CosineTest, IsOfDirectionsNotOfLengths) {
  const struct {
    std::vector<float> a, b;
    double cosine;
  } cases[] = {{{1, 0}, {5, 0}, 1},
               {{1, 0}, {0, 3}, 0},
               {{2, 1}, {-4, -2}, -1},
               {{3, 4}, {4, 3}, 0.96},
               // Squares and products that fp32 does not hold.
               {{3e-30f, 4e-30f}, {4e30f, 3e30f}, 0.96},
               {{3e30f, 4e30f}, {4e30f, 3e30f}, 0.96}};
  for (const auto& c : cases) {
    const std::optional<double> cosine = Cosine(c.a, c.b);
    ASSERT_TRUE(cosine.has_value());
    EXPECT_NEAR(*cosine, c.cosine, 1e-7);
    EXPECT_LE(std::abs(*cosine), 1);
  }
}

TEST(CosineTest, ThereIsNoneWithoutTwoDirections) {
  EXPECT_FALSE(Cosine({}, {}).has_value());
  EXPECT_FALSE(Cosine({1, 0}, {}).has_value());
  EXPECT_FALSE(Cosine({1, 0}, {0, 0}).has_value());
  EXPECT_FALSE(Cosine({1, 0}, {1, 0, 0}).has_value());
}

TEST(CosineTest, AMatrixIsSymmetricAndMarksWhatHasNoVector) {
  const auto cosines = Cosines({{1, 0}, {}, {3, 4}});
  ASSERT_EQ(cosines.size(), 3u);
  EXPECT_EQ(cosines[0][0], 1.0);
  EXPECT_NEAR(*cosines[0][2], 0.6, 1e-7);
  EXPECT_EQ(cosines[0][2], cosines[2][0]);
  EXPECT_FALSE(cosines[1][1].has_value());
  EXPECT_FALSE(cosines[2][1].has_value());
}

TEST(CosineTest, ChanceShrinksWithTheNumberOfDimensions) { EXPECT_NEAR(ChanceCosine(400), 0.098, 1e-4); }

}  // namespace
}  // namespace probesweep::client
