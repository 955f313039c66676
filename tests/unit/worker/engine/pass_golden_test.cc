// A whole pass, from text to numbers, against transformers and scikit-learn
// (tests/golden/make_pass_golden.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/file.h"
#include "tests/golden/tensor_file.h"
#include "tests/unit/worker/engine/pass_fixture.h"

namespace probesweep::worker {
namespace {

using nlohmann::json;

// Of the dataset: equal statements are computed once, and a character is a token.
constexpr int64_t kDistinctPrefixes = 786;

class PassGoldenTest : public ::testing::Test {
 protected:
  PassGoldenTest() {
    const auto csv = ReadFile(testing::GoldenFolder("pass") + "/dataset.csv");
    const auto text = ReadFile(testing::GoldenFolder("pass") + "/expected.json");
    EXPECT_OK(csv);
    EXPECT_OK(text);
    expected_ = json::parse(*text);
    request_ = MakeRequest(checkpoint_.path(), {MakeDimension("golden", *csv)});
    request_.analysis.protocols = {"released"};
  }

  const testing::CheckpointCopy checkpoint_;
  const testing::TempDir folder_;
  json expected_;
  PassRequest request_;
};

TEST_F(PassGoldenTest, FindsWhatTransformersAndScikitLearnFind) {
  RecordingObserver observer;
  ASSERT_OK(MakeEngine(2)->RunPass(request_, observer));
  ASSERT_OK(observer.dimensions.at(0));
  const DimensionResult& result = *observer.dimensions.at(0);
  ASSERT_EQ(result.layers.size(), expected_.size());
  for (size_t layer = 0; layer < expected_.size(); ++layer) {
    SCOPED_TRACE(layer);
    for (const auto& [column, value] : expected_[layer]["values"].items()) {
      ASSERT_EQ(result.layers[layer].values.count(column), 1u) << column;
      const double number = value.get<double>();
      const double tolerance = 2e-5 * std::max(1.0, std::abs(number));  // of fp32 activations
      EXPECT_NEAR(result.layers[layer].values.at(column), number, tolerance) << column;
    }
  }
  const std::string path = folder_.File("vectors.safetensors");
  ASSERT_OK(WriteFileAtomically(path, result.artifacts.at(1).bytes));
  const testing::TensorFile vectors(path);
  for (size_t layer = 0; layer < expected_.size(); ++layer) {
    const std::vector<float> vector = vectors.Floats(absl::StrCat("released.layer_", layer));
    const auto wanted = expected_[layer]["steering_vector"].get<std::vector<double>>();
    ASSERT_EQ(vector.size(), wanted.size());
    for (size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(vector[i], wanted[i], 2e-5);
  }
}

TEST_F(PassGoldenTest, CountsWhatItDid) {
  RecordingObserver observer;
  ASSERT_OK_AND_ASSIGN(const PassStatistics statistics, MakeEngine(2)->RunPass(request_, observer));
  EXPECT_EQ(statistics.statements, 70);
  EXPECT_EQ(statistics.tokens, kDistinctPrefixes);
  // All weights but the final norm's and the unembedding's.
  const testing::TensorFile weights(checkpoint_.File("model.safetensors"));
  int64_t bytes = 0;
  for (const auto& [name, entry] : weights.header().tensors) {
    const bool of_head = name == "embed_out.weight" || name.find("final_layer_norm") != std::string::npos;
    if (!of_head) bytes += static_cast<int64_t>(entry.end - entry.begin);
  }
  EXPECT_EQ(statistics.bytes_read, bytes);
  EXPECT_GT(statistics.load, absl::ZeroDuration());
  EXPECT_GT(statistics.tokenize, absl::ZeroDuration());
  EXPECT_GT(statistics.forward, absl::ZeroDuration());
  EXPECT_GT(statistics.analyse, absl::ZeroDuration());
}

TEST_F(PassGoldenTest, SteeringVectorsComeFromTheRowsThatTheDimensionSays) {
  RecordingObserver half, all;
  const auto engine = MakeEngine(1);
  ASSERT_OK(engine->RunPass(request_, half));
  request_.dimensions[0].steering_share = 1.0;
  ASSERT_OK(engine->RunPass(request_, all));
  const ResultValues& of_half = half.dimensions.at(0)->layers[0].values;
  const ResultValues& of_all = all.dimensions.at(0)->layers[0].values;
  EXPECT_NE(of_half.at("steering_norm"), of_all.at("steering_norm"));
  EXPECT_EQ(of_half.at("coef_norm"), of_all.at("coef_norm"));
}

}  // namespace
}  // namespace probesweep::worker
