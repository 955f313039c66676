#include "worker/model/check_weights.h"

#include <gtest/gtest.h>

#include <functional>
#include <numeric>
#include <string>

#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/worker/model/golden_model.h"

namespace probesweep::worker {
namespace {

absl::StatusOr<WeightSummary> CheckFolder(const testing::CheckpointCopy& checkpoint) {
  const OpenedModel opened(checkpoint.path());
  if (opened.weights == nullptr) return absl::InternalError("not opened");
  return CheckWeights(*opened.model, *opened.weights);
}

// Renames a tensor, so that it is missed under its own name.
void Hide(const testing::CheckpointCopy& checkpoint, const std::string& tensor) {
  std::string bytes = *ReadFile(checkpoint.File("model.safetensors"));
  const size_t at = bytes.find("\"" + tensor + "\"");
  ASSERT_NE(at, std::string::npos) << tensor;
  bytes[at + 1] = '_';
  checkpoint.Write("model.safetensors", bytes);
}

class CheckWeightsOfEveryModelTest : public ::testing::TestWithParam<GoldenCase> {};

TEST_P(CheckWeightsOfEveryModelTest, CountsEachTensorOnceAndReadsNone) {
  const testing::CheckpointCopy checkpoint(GetParam().model, GetParam().config);
  const OpenedModel opened(checkpoint.path());
  ASSERT_OK_AND_ASSIGN(const WeightSummary summary, CheckWeights(*opened.model, *opened.weights));
  EXPECT_OK(summary.head);
  EXPECT_EQ(opened.weights->bytes_read(), 0);
  int64_t stored = 0;
  for (const std::string& name : opened.weights->Names()) {
    ASSERT_OK_AND_ASSIGN(const std::vector<int64_t> shape, opened.weights->Shape(name));
    stored += std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
  }
  EXPECT_EQ(summary.body_parameters + summary.head_parameters, stored);
  EXPECT_GT(summary.largest_block_bytes, 0);
  EXPECT_LT(summary.largest_block_bytes, 4 * summary.body_parameters);
}

INSTANTIATE_TEST_SUITE_P(Models, CheckWeightsOfEveryModelTest, ::testing::ValuesIn(GoldenCases()),
                         [](const ::testing::TestParamInfo<GoldenCase>& info) {
                           return info.param.model + (info.param.config == "config.json" ? "_old" : "_new");
                         });

TEST(CheckWeightsTest, ATensorThatIsMissingInTheLastLayerIsNamed) {
  const testing::CheckpointCopy checkpoint("mixtral");
  Hide(checkpoint, "model.layers.1.block_sparse_moe.experts.4.w2.weight");
  EXPECT_STATUS(CheckFolder(checkpoint), kDataLoss, "'model.layers.1.block_sparse_moe.experts.4.w2.weight",
                "model.safetensors");
}

TEST(CheckWeightsTest, NamesTheFirstTensorsAndCountsTheOthers) {
  const testing::CheckpointCopy checkpoint("llama");
  checkpoint.SetConfig("intermediate_size", 65);  // gate, up and down of three layers
  EXPECT_STATUS(CheckFolder(checkpoint), kDataLoss,
                "'model.layers.0.mlp.gate_proj.weight' has the shape [88, 32]",
                "by config.json it should have [65, 32]", "'model.layers.0.mlp.up_proj.weight'",
                "'model.layers.0.mlp.down_proj.weight'", "and 6 more");
}

TEST(CheckWeightsTest, ATensorOfIntegersIsNamed) {
  const testing::CheckpointCopy checkpoint("llama");
  std::string bytes = *ReadFile(checkpoint.File("model.safetensors"));
  const size_t tensor = bytes.find("\"model.layers.2.mlp.up_proj.weight\"");
  ASSERT_NE(tensor, std::string::npos);
  bytes.replace(bytes.find("\"F32\"", tensor), 5, "\"I32\"");
  checkpoint.Write("model.safetensors", bytes);
  EXPECT_STATUS(CheckFolder(checkpoint), kDataLoss, "'model.layers.2.mlp.up_proj.weight' has the type I32");
}

TEST(CheckWeightsTest, ABaseModelsMissingHeadIsNoError) {
  const testing::CheckpointCopy checkpoint("llama");
  Hide(checkpoint, "lm_head.weight");
  ASSERT_OK_AND_ASSIGN(const WeightSummary summary, CheckFolder(checkpoint));
  EXPECT_STATUS(summary.head, kDataLoss, "'lm_head.weight'");
}

TEST(CheckWeightsTest, ATiedHeadHasNoParametersButItsNorm) {
  ASSERT_OK_AND_ASSIGN(const WeightSummary tied, CheckFolder(testing::CheckpointCopy("qwen2")));
  EXPECT_EQ(tied.head_parameters, 32);
  ASSERT_OK_AND_ASSIGN(const WeightSummary untied, CheckFolder(testing::CheckpointCopy("llama")));
  EXPECT_EQ(untied.head_parameters, 32 + 96 * 32);
}

// Nothing may take time or memory in proportion to what an untrusted configuration says.
TEST(CheckWeightsTest, AbsurdSizesAreRefusedAtOnce) {
  const testing::CheckpointCopy layers("llama"), experts("mixtral"), wide("llama"), vocab("gemma");
  layers.SetConfig("num_hidden_layers", 2147483647);
  EXPECT_STATUS(CheckFolder(layers), kDataLoss, "config.json names 2147483647 layers", "'model.layers.3.…'");
  experts.SetConfig("num_local_experts", 15000);
  experts.SetConfig("num_hidden_layers", 1);
  EXPECT_STATUS(CheckFolder(experts), kDataLoss, "by config.json it should have [15000, 24]", "more");
  wide.SetConfig("hidden_size", 262144);
  wide.SetConfig("intermediate_size", 2147483647);
  EXPECT_STATUS(CheckFolder(wide), kDataLoss, "by config.json it should have [96, 262144]");
  vocab.SetConfig("vocab_size", 2147483647);
  EXPECT_STATUS(CheckFolder(vocab), kDataLoss, "[2147483647, 24]");
}

}  // namespace
}  // namespace probesweep::worker
