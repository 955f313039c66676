#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/logging.h"
#include "tests/simulation/world.h"

namespace probesweep::simulation {
namespace {

// Eight parts, so that they can run beside each other.
class SimulationTest : public ::testing::TestWithParam<int> {
 protected:
  SimulationTest() { spdlog::set_level(spdlog::level::off); }
  static std::string Folder(int part) { return absl::StrCat(::testing::TempDir(), "/simulation-", part); }
};

TEST_P(SimulationTest, NothingIsLostOrDoneTwice) {
  constexpr uint64_t kSeeds = 25;
  int64_t accepted = 0, replayed = 0;
  for (uint64_t i = 1; i <= kSeeds; ++i) {
    const uint64_t seed = static_cast<uint64_t>(GetParam()) * kSeeds + i;
    const WorldReport report = RunWorld(seed, Folder(GetParam()));
    EXPECT_TRUE(report.violations.empty()) << "seed " << seed << "\n"
                                           << absl::StrJoin(report.violations, "\n");
    accepted += report.accepted;
    replayed += report.replayed;
  }
  EXPECT_GT(accepted, 100);
  EXPECT_GT(replayed, 0) << "no worker sent what its spool held";
}

INSTANTIATE_TEST_SUITE_P(Parts, SimulationTest, ::testing::Range(0, 8));

TEST(SimulationReplayTest, TheSameSeedGivesTheSameWorld) {
  spdlog::set_level(spdlog::level::off);
  const std::string folder = ::testing::TempDir() + "/simulation-replay";
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const WorldReport once = RunWorld(seed, folder), again = RunWorld(seed, folder);
    EXPECT_EQ(once.trace_digest, again.trace_digest);
    EXPECT_EQ(once.events, again.events);
  }
}

}  // namespace
}  // namespace probesweep::simulation
