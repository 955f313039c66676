#include "worker/model/rotary_scaling.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"

namespace probesweep::worker {
namespace {

using nlohmann::json;

// Eight dimensions of base 10000: pairs of 1, 0.1, 0.01 and 0.001 radians per position.
absl::StatusOr<RotaryOptions> Read(const char* field, const json& value) {
  const testing::CheckpointCopy checkpoint("llama");
  checkpoint.SetConfig(field, value);
  const auto config = ConfigFile::Open(checkpoint.path());
  return config.ok() ? ReadRotary(*config, 8, {}) : config.status();
}

TEST(ReadRotaryScalingTest, LinearDividesEveryFrequencyInBothGenerations) {
  for (const char* type : {"rope_type", "type"}) {
    for (const char* field : {"rope_scaling", "rope_parameters"}) {
      SCOPED_TRACE(std::string(field) + "." + type);
      ASSERT_OK_AND_ASSIGN(const RotaryOptions options, Read(field, {{type, "linear"}, {"factor", 4}}));
      ASSERT_EQ(options.frequencies.size(), 4u);
      for (int i = 0; i < 4; ++i) EXPECT_FLOAT_EQ(options.frequencies[i], std::pow(0.1, i) / 4);
      EXPECT_EQ(options.magnitude, 1);
    }
  }
}

TEST(ReadRotaryScalingTest, AScalingsOwnBaseComesFirst) {
  ASSERT_OK_AND_ASSIGN(const RotaryOptions options,
                       Read("rope_scaling", {{"rope_type", "default"}, {"rope_theta", 16}}));
  EXPECT_FLOAT_EQ(options.frequencies[2], 0.25);
}

TEST(ReadRotaryScalingTest, Llama3StretchesLongWavelengthsOnly) {
  // Wavelengths 6, 63, 628, 6283: kept below 400 / 8 = 50, stretched above 400 / 2 = 200, between
  // interpolated.
  ASSERT_OK_AND_ASSIGN(const RotaryOptions options,
                       Read("rope_scaling", {{"rope_type", "llama3"},
                                             {"factor", 5},
                                             {"low_freq_factor", 2},
                                             {"high_freq_factor", 8},
                                             {"original_max_position_embeddings", 400}}));
  const double kept = (400 * 0.1 / (2 * std::acos(-1.0)) - 2) / (8 - 2);
  EXPECT_FLOAT_EQ(options.frequencies[0], 1);
  EXPECT_FLOAT_EQ(options.frequencies[1], 0.1 * (kept + (1 - kept) / 5));
  EXPECT_FLOAT_EQ(options.frequencies[2], 0.01 / 5);
  EXPECT_FLOAT_EQ(options.frequencies[3], 0.001 / 5);
}

TEST(ReadRotaryScalingTest, YarnKeepsPairsThatTurnOftenAndStretchesThoseThatTurnSeldom) {
  // 32 turns and one turn over 1024 positions are at dimensions 0.7 and 2.2: the ramp goes from 0 to 3.
  const json yarn = {{"type", "yarn"}, {"factor", 4}, {"original_max_position_embeddings", 1024}};
  ASSERT_OK_AND_ASSIGN(const RotaryOptions options, Read("rope_scaling", yarn));
  const double expected[] = {1, 0.1 * (2 + 1 / 4.0) / 3, 0.01 * (1 + 2 / 4.0) / 3, 0.001 / 4};
  for (size_t i = 0; i < 4; ++i) EXPECT_FLOAT_EQ(options.frequencies.at(i), expected[i]);
}

TEST(ReadRotaryScalingTest, YarnsMagnitudeComesFromItsFactorUnlessGiven) {
  struct Case {
    const char* intent;
    json more;
    double magnitude;
  };
  const Case cases[] = {
      {"from the factor", json::object(), 0.1 * std::log(4) + 1},
      {"given", {{"attention_factor", 0.7}}, 0.7},
      {"one weight alone counts for nothing", {{"mscale", 2}}, 0.1 * std::log(4) + 1},
      {"two weights",
       {{"mscale", 2}, {"mscale_all_dim", 1}},
       (0.2 * std::log(4) + 1) / (0.1 * std::log(4) + 1)},
      {"no stretch", {{"factor", 1}}, 1},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.intent);
    json yarn = {{"rope_type", "yarn"}, {"factor", 4}, {"original_max_position_embeddings", 16}};
    yarn.update(c.more);
    ASSERT_OK_AND_ASSIGN(const RotaryOptions options, Read("rope_scaling", yarn));
    EXPECT_DOUBLE_EQ(options.magnitude, c.magnitude);
  }
}

TEST(ReadRotaryScalingTest, YarnWithoutAFactorTakesTheRatioOfTheContexts) {
  const json yarn = {{"rope_type", "yarn"}, {"original_max_position_embeddings", 16}};  // of 64
  ASSERT_OK_AND_ASSIGN(const RotaryOptions options, Read("rope_scaling", yarn));
  EXPECT_DOUBLE_EQ(options.magnitude, 0.1 * std::log(4) + 1);
}

TEST(ReadRotaryScalingTest, NamesWhatItRefuses) {
  struct Case {
    json scaling;
    absl::StatusCode code;
    const char* names;
  };
  const auto bad = absl::StatusCode::kInvalidArgument;
  const auto unknown = absl::StatusCode::kUnimplemented;
  const Case cases[] = {
      {{{"type", "longrope"}}, unknown, "'longrope'"},
      {{{"type", "su"}}, unknown, "supported: default, linear, dynamic, llama3, yarn"},
      {{{"type", 3}}, bad, "not a text"},
      {{{"type", "linear"}}, bad, "`rope_scaling.factor` is missing"},
      {{{"type", "linear"}, {"factor", 0}}, bad, "above 0"},
      {{{"type", "linear"}, {"factor", "2"}}, bad, "not a number"},
      {{{"type", "dynamic"}}, bad, "`rope_scaling.factor` is missing"},
      {{{"type", "dynamic"}, {"factor", 0.5}}, bad, "at least 1"},
      {{{"type", "llama3"}, {"factor", 8}}, bad, "low_freq_factor"},
      {{{"type", "llama3"}, {"factor", 8}, {"low_freq_factor", 4}, {"high_freq_factor", 4}},
       bad,
       "must be above"},
      {{{"type", "yarn"}, {"factor", 2}, {"beta_fast", -1}}, bad, "beta_fast"},
      {{{"type", "yarn"}, {"factor", 2}, {"rope_theta", 1}}, bad, "`rope_theta`"},
      {{{"type", "yarn"}, {"factor", 2}, {"original_max_position_embeddings", 0}}, bad, "original_max"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.scaling.dump());
    const absl::Status status = Read("rope_scaling", c.scaling).status();
    EXPECT_EQ(status.code(), c.code) << status;
    EXPECT_NE(status.message().find(c.names), absl::string_view::npos) << status;
  }
  for (const char* field : {"rope_scaling", "rope_parameters"}) {
    EXPECT_STATUS(Read(field, "linear"), kInvalidArgument, field, "must be an object");
  }
  EXPECT_STATUS(Read("rope_parameters", {{"full_attention", {{"rope_type", "default"}}}}), kUnimplemented,
                "rope_parameters.full_attention");
}

}  // namespace
}  // namespace probesweep::worker
