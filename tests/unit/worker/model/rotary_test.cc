#include "worker/model/rotary.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"

namespace probesweep::worker {
namespace {

TEST(ReadRotaryTest, BothGenerationsMeanTheSame) {
  for (const char* name : {"config.json", "config.v5.json"}) {
    SCOPED_TRACE(name);
    const testing::CheckpointCopy checkpoint("gpt_neox_sequential", name);
    ASSERT_OK_AND_ASSIGN(const ConfigFile config, ConfigFile::Open(checkpoint.path()));
    ASSERT_OK_AND_ASSIGN(const RotaryOptions options, ReadRotary(config, 8, 0.25));
    EXPECT_EQ(options.dimensions, 4);
    EXPECT_EQ(options.theta, 5000);
  }
}

TEST(ReadRotaryTest, WithoutFieldsTheDefaultsCount) {
  const testing::CheckpointCopy checkpoint;
  checkpoint.SetConfig("rotary_pct", nullptr);
  checkpoint.SetConfig("rotary_emb_base", nullptr);
  ASSERT_OK_AND_ASSIGN(const ConfigFile config, ConfigFile::Open(checkpoint.path()));
  ASSERT_OK_AND_ASSIGN(const RotaryOptions options, ReadRotary(config, 16, 0.25));
  EXPECT_EQ(options.dimensions, 4);
  EXPECT_EQ(options.theta, 10000);
}

TEST(ApplyRotaryTest, TurnsPairsByPositionTimesFrequency) {
  const RotaryOptions options{4, 100};
  const PackedLayout layout{{{1, 2}, {1, 3}}};
  at::manual_seed(2);
  const at::Tensor before = at::randn({5, 2, 6});  // [tokens, heads, head_dim]
  at::Tensor after = before.clone();
  ApplyRotary(options, layout, after);
  const int positions[] = {0, 1, 0, 1, 2};
  for (int token = 0; token < 5; ++token) {
    for (int head = 0; head < 2; ++head) {
      const at::Tensor x = before[token][head], y = after[token][head];
      for (int pair = 0; pair < 2; ++pair) {
        const double angle = positions[token] * std::pow(100.0, -pair / 2.0);
        const double left = x[pair].item<double>(), right = x[pair + 2].item<double>();
        EXPECT_NEAR(y[pair].item<double>(), left * std::cos(angle) - right * std::sin(angle), 1e-6);
        EXPECT_NEAR(y[pair + 2].item<double>(), right * std::cos(angle) + left * std::sin(angle), 1e-6);
      }
      EXPECT_TRUE(y.slice(0, 4).equal(x.slice(0, 4))) << "beyond the rotated dimensions nothing changes";
    }
  }
}

}  // namespace
}  // namespace probesweep::worker
