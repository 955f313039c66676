#include "worker/exec/philox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace probesweep::worker {
namespace {

using ::testing::ElementsAre;

// Of Random123's own table (kat_vectors).
TEST(PhiloxTest, GivesTheKnownAnswers) {
  EXPECT_THAT(Philox({0, 0, 0, 0}, {0, 0}), ElementsAre(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8));
  EXPECT_THAT(Philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
              ElementsAre(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd));
  EXPECT_THAT(Philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
              ElementsAre(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1));
}

TEST(UniformAtTest, IsTheFirstTwoWordsAsAFraction) {
  EXPECT_EQ(UniformAt(0, 0, 0), static_cast<double>(0x6627e8d5e169c58d >> 11) / 9007199254740992.0);
  // Less significant half first, the minor place before the major one, the seed as the key.
  EXPECT_EQ(UniformAt(0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88),
            static_cast<double>(0xd16cfe0994fdcceb >> 11) / 9007199254740992.0);
}

TEST(UniformAtTest, EveryPlaceAndSeedHasItsOwn) {
  std::set<double> seen;
  for (uint64_t seed : {0, 1, 2}) {
    for (uint64_t major = 0; major < 10; ++major) {
      for (uint64_t minor = 0; minor < 10; ++minor) seen.insert(UniformAt(seed, major, minor));
    }
  }
  EXPECT_EQ(seen.size(), 300u);
  EXPECT_GE(*seen.begin(), 0);
  EXPECT_LT(*seen.rbegin(), 1);
}

}  // namespace
}  // namespace probesweep::worker
