#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "common/file.h"
#include "common/version.h"
#include "tests/golden/tensor_file.h"
#include "tests/unit/worker/engine/pass_fixture.h"

namespace probesweep::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class PassArtifactsTest : public ::testing::Test {
 protected:
  PassArtifactsTest()
      : request_(MakeRequest(checkpoint_.path(), {MakeDimension("fairness", MakeCsv(40, 3))})) {}

  DimensionResult RunPass() {
    RecordingObserver observer;
    EXPECT_OK(MakeEngine(2)->RunPass(request_, observer));
    EXPECT_OK(observer.dimensions.at(0));
    return *observer.dimensions.at(0);
  }

  testing::TensorFile Parse(const ArtifactBytes& artifact) {
    const std::string path = folder_.File(artifact.kind + ".safetensors");
    EXPECT_OK(WriteFileAtomically(path, artifact.bytes));
    return testing::TensorFile(path);
  }

  const testing::CheckpointCopy checkpoint_;
  const testing::TempDir folder_;
  PassRequest request_;
};

TEST_F(PassArtifactsTest, HoldTheTensorsOfEveryLayer) {
  const DimensionResult result = RunPass();
  ASSERT_EQ(result.artifacts.size(), 2u);
  ASSERT_EQ(result.artifacts[0].kind, "probes");
  ASSERT_EQ(result.artifacts[1].kind, "steering_vectors");
  const testing::TensorFile probes = Parse(result.artifacts[0]);
  const testing::TensorFile vectors = Parse(result.artifacts[1]);
  EXPECT_EQ(probes.header().tensors.size(), 12u);
  EXPECT_EQ(vectors.header().tensors.size(), 3u);
  for (const LayerResult& layer : result.layers) {
    const std::string name = absl::StrCat("released.layer_", layer.layer);
    double norm = 0, length = 0;
    for (const float x : probes.Floats(name + ".weight")) norm += static_cast<double>(x) * x;
    for (const float x : vectors.Floats(name)) length += static_cast<double>(x) * x;
    EXPECT_NEAR(std::sqrt(norm), layer.values.at("coef_norm"), 1e-5);
    EXPECT_NEAR(std::sqrt(length), layer.values.at("steering_norm"), 1e-5);
    EXPECT_NEAR(probes.Floats(name + ".intercept")[0], layer.values.at("intercept"), 1e-6);
    EXPECT_THAT(probes.Shape(name + ".mean"), ElementsAre(32));
    EXPECT_THAT(probes.Shape(name + ".scale"), ElementsAre(32));
  }
}

TEST_F(PassArtifactsTest, SayWhatTheyAreOf) {
  const DimensionResult result = RunPass();
  for (const ArtifactBytes& artifact : result.artifacts) {
    EXPECT_THAT(
        Parse(artifact).header().metadata,
        UnorderedElementsAre(Pair("kind", artifact.kind), Pair("model", "tiny"), Pair("checkpoint", "step7"),
                             Pair("dimension", "fairness"), Pair("dataset", "fairness-set"),
                             Pair("dataset_digest", request_.dimensions[0].dataset_digest),
                             Pair("checkpoint_digest", result.checkpoint_digest),
                             Pair("analysis", request_.analysis.Canonical()),
                             Pair("engine_version", EngineVersion())));
  }
}

TEST_F(PassArtifactsTest, AreMadeOnlyWhenTheyAreToBeKept) {
  request_.analysis.keep_probes = false;
  ASSERT_EQ(RunPass().artifacts.size(), 1u);
  EXPECT_EQ(RunPass().artifacts[0].kind, "steering_vectors");
  request_.analysis.keep_steering_vectors = false;
  EXPECT_TRUE(RunPass().artifacts.empty());
  EXPECT_EQ(RunPass().layers.size(), 3u);
}

TEST_F(PassArtifactsTest, ResultsHoldTheKnownColumnsOfEveryLayer) {
  const DimensionResult result = RunPass();
  ASSERT_EQ(result.layers.size(), 3u);
  for (int layer = 0; layer < 3; ++layer) {
    EXPECT_EQ(result.layers[static_cast<size_t>(layer)].layer, layer);
    EXPECT_EQ(result.layers[static_cast<size_t>(layer)].protocol, "released");
    std::set<std::string> known, found;
    for (const ResultColumn& column : ResultColumns()) known.insert(column.name);
    for (const auto& [name, value] : result.layers[static_cast<size_t>(layer)].values) {
      EXPECT_TRUE(std::isfinite(value)) << name;
      found.insert(name);
    }
    EXPECT_EQ(found, known);
  }
}

}  // namespace
}  // namespace probesweep::worker
