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
#include "worker/engine/tokenizer_digest.h"

namespace probesweep::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class PassArtifactsTest : public ::testing::Test {
 protected:
  PassArtifactsTest()
      : request_(MakeRequest(checkpoint_.path(), {MakeDimension("fairness", MakeCsv(40, 3))})) {
    request_.analysis.protocols = {"released"};
  }

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

TEST_F(PassArtifactsTest, SayWhatTheyAreOfAndWhatTheyWereComputedFrom) {
  request_.analysis.protocols = {"released", "paper"};
  request_.analysis.keep_representations = true;
  const DimensionResult result = RunPass();
  ASSERT_OK_AND_ASSIGN(const std::string tokenizer, TokenizerDigest(checkpoint_.path()));
  ASSERT_EQ(result.artifacts.size(), 2u + 3u);
  for (size_t i = 0; i < result.artifacts.size(); ++i) {
    const ArtifactBytes& artifact = result.artifacts[i];
    EXPECT_THAT(
        Parse(artifact).header().metadata,
        UnorderedElementsAre(
            Pair("kind", artifact.kind), Pair("model", "tiny"), Pair("checkpoint", "step7"),
            Pair("dimension", "fairness"), Pair("dataset", "fairness-set"),
            Pair("layers", i < 2 ? "0,1,2" : absl::StrCat(i - 2)), Pair("protocols", "released,paper"),
            Pair("checkpoint_digest", result.checkpoint_digest), Pair("tokenizer_digest", tokenizer),
            Pair("dataset_digest", request_.dimensions[0].dataset_digest),
            Pair("configuration", request_.analysis.Canonical()), Pair("engine_version", EngineVersion()),
            Pair("device", "cpu"), Pair("dtype", "fp32")));
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

TEST_F(PassArtifactsTest, RepresentationsAreOneFileForEachLayer) {
  request_.analysis.keep_representations = true;
  const DimensionResult result = RunPass();
  ASSERT_EQ(result.artifacts.size(), 2u + 3u);
  for (int layer = 0; layer < 3; ++layer) {
    const ArtifactBytes& artifact = result.artifacts[static_cast<size_t>(2 + layer)];
    EXPECT_EQ(artifact.kind, absl::StrCat("representations.layer_", layer));
    const testing::TensorFile file = Parse(artifact);
    EXPECT_EQ(file.header().metadata.at("kind"), artifact.kind);
    EXPECT_EQ(file.header().metadata.at("checkpoint_digest"), result.checkpoint_digest);
    EXPECT_THAT(file.Shape(absl::StrCat("layer_", layer)), ElementsAre(40, 32));
    EXPECT_THAT(file.Integers("released.test_rows"), ElementsAre(32, 33, 34, 35, 36, 37, 38, 39));
    EXPECT_EQ(file.Integers("labels").size(), 40u);
    EXPECT_EQ(file.Integers("groups").size(), 40u);
    EXPECT_EQ(file.header().tensors.size(), 3u + request_.analysis.protocols.size());
  }
}

// The kept probe, on the kept representations of its test rows, gives the accuracy of the result.
TEST_F(PassArtifactsTest, ProbesAndRepresentationsGiveTheResultsAccuracy) {
  request_.analysis.keep_representations = true;
  request_.analysis.protocols = {"released", "paper"};
  const DimensionResult result = RunPass();
  const testing::TensorFile probes = Parse(result.artifacts[0]);
  for (const LayerResult& layer : result.layers) {
    const testing::TensorFile file = Parse(result.artifacts[static_cast<size_t>(2 + layer.layer)]);
    const std::vector<float> rows = file.Floats(absl::StrCat("layer_", layer.layer));
    const std::vector<int64_t> labels = file.Integers("labels");
    const std::string prefix = absl::StrCat(layer.protocol, ".layer_", layer.layer);
    const std::vector<float> weight = probes.Floats(prefix + ".weight");
    const std::vector<float> mean = probes.Floats(prefix + ".mean");
    const std::vector<float> scale = probes.Floats(prefix + ".scale");
    const std::vector<int64_t> test = file.Integers(layer.protocol + ".test_rows");
    double correct = 0;
    for (const int64_t row : test) {
      double logit = probes.Floats(prefix + ".intercept")[0];
      for (size_t i = 0; i < 32; ++i) {
        logit += static_cast<double>(weight[i]) *
                 (static_cast<double>(rows[static_cast<size_t>(row) * 32 + i]) - mean[i]) / scale[i];
      }
      correct += (logit > 0) == (labels[static_cast<size_t>(row)] == 1) ? 1 : 0;
    }
    EXPECT_EQ(correct / static_cast<double>(test.size()), layer.values.at("accuracy")) << prefix;
  }
}

// Every column that there is, is one that some protocol gives.
TEST_F(PassArtifactsTest, ResultsHoldTheKnownColumnsOfEveryLayer) {
  request_.analysis.protocols = KnownProtocols();
  request_.analysis.estimators = KnownEstimators();
  const DimensionResult result = RunPass();
  ASSERT_EQ(result.layers.size(), 9u);
  std::set<std::string> known;
  for (const ResultColumn& column : ResultColumns()) known.insert(column.name);
  for (size_t layer = 0; layer < 3; ++layer) {
    std::set<std::string> found;
    for (size_t i = 0; i < 3; ++i) {
      const LayerResult& row = result.layers[3 * layer + i];
      EXPECT_EQ(row.layer, static_cast<int>(layer));
      EXPECT_EQ(row.protocol, request_.analysis.protocols[i]);
      for (const auto& [name, value] : row.values) {
        EXPECT_TRUE(std::isfinite(value)) << name;
        found.insert(name);
      }
    }
    EXPECT_EQ(found, known);
  }
}

}  // namespace
}  // namespace probesweep::worker
