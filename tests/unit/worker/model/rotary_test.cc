#include "worker/model/rotary.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"

namespace probesweep::worker {
namespace {

constexpr RotaryFields kFields{"rotary_pct", "rotary_emb_base", 0.25};

TEST(ReadRotaryTest, BothGenerationsMeanTheSame) {
  for (const char* name : {"config.json", "config.v5.json"}) {
    SCOPED_TRACE(name);
    const testing::CheckpointCopy checkpoint("gpt_neox_sequential", name);
    ASSERT_OK_AND_ASSIGN(const ConfigFile config, ConfigFile::Open(checkpoint.path()));
    ASSERT_OK_AND_ASSIGN(const RotaryOptions options, ReadRotary(config, 8, kFields));
    EXPECT_EQ(options.dimensions, 4);
    EXPECT_FLOAT_EQ(options.frequencies.at(1), std::pow(5000.0, -0.5));
  }
}

TEST(ReadRotaryTest, WithoutFieldsTheDefaultsCount) {
  const testing::CheckpointCopy checkpoint;
  checkpoint.SetConfig("rotary_pct", nullptr);
  checkpoint.SetConfig("rotary_emb_base", nullptr);
  ASSERT_OK_AND_ASSIGN(const ConfigFile config, ConfigFile::Open(checkpoint.path()));
  ASSERT_OK_AND_ASSIGN(const RotaryOptions options, ReadRotary(config, 16, kFields));
  EXPECT_EQ(options.dimensions, 4);
  EXPECT_FLOAT_EQ(options.frequencies.at(1), 0.01);
}

TEST(ReadRotaryTest, FieldsThatOtherArchitecturesHaveDoNotCount) {
  const testing::CheckpointCopy checkpoint("gpt_neox_sequential");
  checkpoint.SetConfig("rope_theta", 77);
  checkpoint.SetConfig("partial_rotary_factor", 1);
  ASSERT_OK_AND_ASSIGN(const ConfigFile config, ConfigFile::Open(checkpoint.path()));
  ASSERT_OK_AND_ASSIGN(const RotaryOptions own, ReadRotary(config, 8, kFields));
  EXPECT_EQ(own.dimensions, 4);
  EXPECT_FLOAT_EQ(own.frequencies.at(1), std::pow(5000.0, -0.5));
  ASSERT_OK_AND_ASSIGN(const RotaryOptions other, ReadRotary(config, 8, {}));
  EXPECT_EQ(other.dimensions, 8);
  EXPECT_FLOAT_EQ(other.frequencies.at(1), std::pow(77.0, -0.25));
}

TEST(ApplyRotaryTest, TurnsPairsByPositionTimesFrequency) {
  const RotaryOptions options{4, RotaryFrequencies(100, 4)};
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

TEST(ApplyRotaryTest, MultipliesByTheMagnitude) {
  RotaryOptions options{4, RotaryFrequencies(100, 4)};
  const PackedLayout layout{{{2, 3}}};
  const at::Tensor before = at::arange(24, at::kFloat).view({6, 1, 4});
  at::Tensor plain = before.clone(), larger = before.clone();
  ApplyRotary(options, layout, plain);
  options.magnitude = 1.5;
  ApplyRotary(options, layout, larger);
  EXPECT_TRUE(larger.allclose(plain * 1.5));
}

TEST(ApplyRotaryTest, OnlyLongStatementsGetADynamicBase) {
  RotaryOptions options{4, RotaryFrequencies(100, 4)};
  options.dynamic = DynamicRotary{100, 2, 3};
  const PackedLayout layout{{{1, 3}, {1, 6}}};
  const at::Tensor before = at::ones({9, 1, 4});
  at::Tensor after = before.clone();
  ApplyRotary(options, layout, after);
  // 100 · (2 · 6 / 3 − 1)^(4 / 2) = 900, whose second pair turns by 900^(−1/2) a position.
  const double grown = 1.0 / 30, plain = 1.0 / 10;
  EXPECT_NEAR(after[2][0][1].item<double>(), std::cos(2 * plain) - std::sin(2 * plain), 1e-6);
  EXPECT_NEAR(after[5][0][1].item<double>(), std::cos(2 * grown) - std::sin(2 * grown), 1e-6);
}

}  // namespace
}  // namespace probesweep::worker
