#include "worker/exec/resident_executor.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/worker/model/golden_model.h"
#include "worker/exec/steering_directions.h"
#include "worker/model/key_value_cache.h"

namespace probesweep::worker {
namespace {

class ResidentExecutorTest : public ::testing::TestWithParam<GoldenCase> {};

TEST_P(ResidentExecutorTest, GivesTheLogitsOfTransformersOfSeveralPromptsAtOnce) {
  const testing::CheckpointCopy checkpoint(GetParam().model, GetParam().config);
  const testing::TensorFile expected(testing::GoldenFolder(GetParam().model) + "/expected.safetensors");
  const OpenedModel opened(checkpoint.path());
  ASSERT_OK_AND_ASSIGN(const auto executor, ResidentExecutor::Load(*opened.model, *opened.weights));
  ResidentInput input;
  for (const std::vector<int64_t>& prompt : GoldenPrompts(expected)) {
    input.ids.insert(input.ids.end(), prompt.begin(), prompt.end());
    input.layout.runs.push_back({1, static_cast<int64_t>(prompt.size())});
  }
  std::vector<at::Tensor> logits;
  for (size_t i = 0; i < input.layout.runs.size(); ++i) {
    logits.push_back(ToTensor(expected, "prompt_" + std::to_string(i) + ".logits"));
  }
  ASSERT_OK_AND_ASSIGN(const at::Tensor residual, executor->Forward(input, SteeringDirections()));
  ASSERT_OK_AND_ASSIGN(const at::Tensor found, executor->Logits(residual));
  EXPECT_LT(RelativeError(found, at::cat(logits)), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Models, ResidentExecutorTest, ::testing::ValuesIn(GoldenCases()));

// The first token of a model whose tensor is damaged.
absl::Status OneToken(const testing::CheckpointCopy& checkpoint, double alpha) {
  const OpenedModel opened(checkpoint.path());
  const auto executor = ResidentExecutor::Load(*opened.model, *opened.weights);
  if (!executor.ok()) return executor.status();
  const auto steering = SteeringDirections::Create({{1, std::vector<float>(32, 1), alpha}}, *opened.model);
  if (!steering.ok()) return steering.status();
  const auto residual =
      (*executor)->Forward({{5}, {{{1, 1}}}}, alpha == 0 ? SteeringDirections() : *steering);
  if (!residual.ok()) return residual.status();
  return (*executor)->Logits(*residual).status();
}

TEST(ResidentExecutorErrorTest, NamesLayerAndTensorOfANumberThatIsNone) {
  const testing::CheckpointCopy block, head, whole;
  block.SetWeight("gpt_neox.layers.1.attention.dense.weight", 0, std::nanf(""));
  head.SetWeight("gpt_neox.final_layer_norm.weight", 0, std::nanf(""));
  EXPECT_STATUS(OneToken(block, 0), kDataLoss, "layer 1", "'gpt_neox.layers.1.attention.dense.weight'");
  EXPECT_STATUS(OneToken(head, 0), kDataLoss, "logits", "final norm");
  EXPECT_OK(OneToken(whole, 1));
  EXPECT_STATUS(OneToken(whole, 1e39), kDataLoss, "steering", "alpha");
}

TEST(ResidentExecutorErrorTest, ReadsEveryWeightWhenItIsLoaded) {
  const testing::CheckpointCopy checkpoint;
  const OpenedModel opened(checkpoint.path());
  ASSERT_OK(ResidentExecutor::Load(*opened.model, *opened.weights));
  int64_t bytes = 0;
  const testing::TensorFile file(checkpoint.File("model.safetensors"));
  for (const auto& [name, entry] : file.header().tensors)
    bytes += static_cast<int64_t>(entry.end - entry.begin);
  EXPECT_EQ(opened.weights->bytes_read(), bytes);
}

}  // namespace
}  // namespace probesweep::worker
