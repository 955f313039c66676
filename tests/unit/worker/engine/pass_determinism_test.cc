#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/worker/engine/pass_fixture.h"

namespace probesweep::worker {
namespace {

void ExpectSameBits(const DimensionResult& a, const DimensionResult& b) {
  ASSERT_EQ(a.layers.size(), b.layers.size());
  for (size_t i = 0; i < a.layers.size(); ++i) {
    EXPECT_EQ(a.layers[i].layer, b.layers[i].layer);
    EXPECT_EQ(a.layers[i].values, b.layers[i].values) << "layer " << i;
  }
  ASSERT_EQ(a.artifacts.size(), b.artifacts.size());
  for (size_t i = 0; i < a.artifacts.size(); ++i) EXPECT_TRUE(a.artifacts[i].bytes == b.artifacts[i].bytes);
}

// The result of dimension `index` of a pass over `dimensions`.
DimensionResult ResultOf(size_t index, const testing::CheckpointCopy& checkpoint, Engine& engine,
                         const std::vector<PassDimension>& dimensions) {
  RecordingObserver observer;
  EXPECT_OK(engine.RunPass(MakeRequest(checkpoint.path(), dimensions), observer));
  EXPECT_EQ(observer.dimensions.size(), dimensions.size());
  const auto& result = observer.dimensions.at(static_cast<int>(index));
  EXPECT_OK(result);
  return result.ok() ? *result : DimensionResult();
}

class PassDeterminismTest : public ::testing::Test {
 protected:
  const testing::CheckpointCopy checkpoint_{"gpt_neox_sequential"};
  // The second is of two chunks, whatever stands beside it.
  const PassDimension small_ = MakeDimension("small", MakeCsv(30, 1));
  const PassDimension large_ = MakeDimension("large", MakeCsv(500, 2));
  const PassDimension other_ = MakeDimension("other", MakeCsv(60, 3));
};

TEST_F(PassDeterminismTest, AloneOrBesideOthersADimensionHasTheSameBits) {
  for (const PassDimension& dimension : {small_, large_}) {
    SCOPED_TRACE(dimension.name);
    const DimensionResult alone = ResultOf(0, checkpoint_, *MakeEngine(2), {dimension});
    ExpectSameBits(alone, ResultOf(1, checkpoint_, *MakeEngine(2), {other_, dimension}));
    const PassDimension rest = dimension.name == "small" ? large_ : small_;
    ExpectSameBits(alone, ResultOf(0, checkpoint_, *MakeEngine(2), {dimension, rest, other_}));
  }
}

TEST_F(PassDeterminismTest, OneThreadOrThreeGiveTheSameBits) {
  const std::vector<PassDimension> dimensions = {small_, large_, other_};
  for (size_t i = 0; i < dimensions.size(); ++i) {
    ExpectSameBits(ResultOf(i, checkpoint_, *MakeEngine(1), dimensions),
                   ResultOf(i, checkpoint_, *MakeEngine(3), dimensions));
  }
}

TEST_F(PassDeterminismTest, WhatAnEngineRememberedChangesNothing) {
  const auto engine = MakeEngine(2);
  const DimensionResult first = ResultOf(0, checkpoint_, *engine, {small_});
  const testing::CheckpointCopy another;
  ResultOf(0, another, *engine, {other_, small_});
  ExpectSameBits(first, ResultOf(0, checkpoint_, *engine, {small_}));
}

TEST_F(PassDeterminismTest, BothConfigurationsOfACheckpointAreOne) {
  const testing::CheckpointCopy newer{"gpt_neox_sequential", "config.v5.json"};
  ExpectSameBits(ResultOf(0, checkpoint_, *MakeEngine(1), {small_}),
                 ResultOf(0, newer, *MakeEngine(1), {small_}));
}

}  // namespace
}  // namespace probesweep::worker
