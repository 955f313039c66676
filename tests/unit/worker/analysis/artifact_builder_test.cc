#include "worker/analysis/artifact_builder.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/file.h"
#include "tests/golden/tensor_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

at::Tensor Doubles(std::initializer_list<double> values) {
  return at::tensor(std::vector<double>(values), at::kDouble);
}

LayerAnalysis Analysis() {
  LayerAnalysis analysis;
  analysis.probe_weights = Doubles({1, -2.5});
  analysis.probe_mean = Doubles({0.1, 7});
  analysis.probe_scale = Doubles({1, 3});
  analysis.probe_intercept = 0.25;
  analysis.steering_vector = Doubles({4, 1e-3});
  return analysis;
}

TEST(ArtifactBuilderTest, ProbesComeBackAsFp32) {
  ArtifactBuilder builder;
  EXPECT_TRUE(builder.empty());
  builder.AddProbe("released", 3, Analysis());
  EXPECT_FALSE(builder.empty());
  ASSERT_OK_AND_ASSIGN(const std::string bytes, builder.Serialize({{"kind", "probes"}, {"model", "m"}}));
  const testing::TempDir folder;
  ASSERT_OK(WriteFileAtomically(folder.File("probes.safetensors"), bytes));
  const testing::TensorFile read(folder.File("probes.safetensors"));
  EXPECT_EQ(read.header().tensors.size(), 4u);
  EXPECT_THAT(read.header().metadata, ElementsAre(Pair("kind", "probes"), Pair("model", "m")));
  EXPECT_THAT(read.Shape("released.layer_3.weight"), ElementsAre(2));
  EXPECT_THAT(read.Floats("released.layer_3.weight"), ElementsAre(1, -2.5f));
  EXPECT_THAT(read.Floats("released.layer_3.mean"), ElementsAre(0.1f, 7));
  EXPECT_THAT(read.Floats("released.layer_3.scale"), ElementsAre(1, 3));
  EXPECT_THAT(read.Shape("released.layer_3.intercept"), ElementsAre(1));
  EXPECT_THAT(read.Floats("released.layer_3.intercept"), ElementsAre(0.25f));
}

TEST(ArtifactBuilderTest, ALayerWithoutASteeringVectorIsLeftOut) {
  ArtifactBuilder builder;
  LayerAnalysis none = Analysis();
  none.steering_vector = at::Tensor();
  builder.AddSteeringVector("released", 0, none);
  EXPECT_TRUE(builder.empty());
  builder.AddSteeringVector("released", 1, Analysis());
  ASSERT_OK_AND_ASSIGN(const std::string bytes, builder.Serialize({}));
  ASSERT_OK_AND_ASSIGN(const SafetensorsHeader header, ParseSafetensorsHeader(bytes, bytes.size(), "built"));
  ASSERT_EQ(header.tensors.size(), 1u);
  EXPECT_EQ(header.tensors.begin()->first, "released.layer_1");
}

TEST(ArtifactBuilderTest, TheSameTensorsGiveTheSameBytes) {
  const auto build = [](double intercept) {
    ArtifactBuilder builder;
    LayerAnalysis analysis = Analysis();
    analysis.probe_intercept = intercept;
    for (const int64_t layer : {0, 1}) builder.AddProbe("released", layer, analysis);
    return builder.Serialize({{"b", "2"}, {"a", "1"}}).value();
  };
  EXPECT_EQ(build(0.5), build(0.5));
  EXPECT_NE(build(0.5), build(0.75));
}

}  // namespace
}  // namespace probesweep::worker
