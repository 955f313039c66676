#include "worker/exec/activations.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/worker/model/golden_model.h"

namespace probesweep::worker {
namespace {

at::Tensor FromBytes(const std::string& bytes, const at::Tensor& like) {
  EXPECT_EQ(bytes.size(), like.nbytes());
  at::Tensor values = at::zeros_like(like);
  if (bytes.size() == like.nbytes()) std::memcpy(values.data_ptr(), bytes.data(), bytes.size());
  return values;
}

class ActivationsTest : public ::testing::TestWithParam<GoldenCase> {};

TEST_P(ActivationsTest, AreThoseOfTransformersWhateverElseIsInThePack) {
  const testing::CheckpointCopy checkpoint(GetParam().model, GetParam().config);
  const testing::TensorFile expected(testing::GoldenFolder(GetParam().model) + "/expected.safetensors");
  const OpenedModel opened(checkpoint.path());
  ComputePool pool(2);
  const auto prompts = GoldenPrompts(expected);
  ASSERT_OK_AND_ASSIGN(const auto all,
                       ComputeActivations(*opened.model, *opened.weights, prompts, /*logits=*/true, &pool));
  ASSERT_EQ(all.size(), prompts.size());
  for (size_t i = 0; i < prompts.size(); ++i) {
    const std::string name = "prompt_" + std::to_string(i);
    SCOPED_TRACE(name);
    const at::Tensor blocks = ToTensor(expected, name + ".block_outputs");
    const at::Tensor logits = ToTensor(expected, name + ".logits");
    EXPECT_LT(RelativeError(FromBytes(all[i].block_outputs, blocks), blocks), 1e-5);
    EXPECT_LT(RelativeError(FromBytes(all[i].logits, logits), logits), 1e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(Models, ActivationsTest, ::testing::ValuesIn(GoldenCases()));

TEST(ComputeActivationsTest, LeavesLogitsOutUnlessAskedFor) {
  const testing::CheckpointCopy checkpoint;
  const OpenedModel opened(checkpoint.path());
  ComputePool pool(1);
  ASSERT_OK_AND_ASSIGN(const auto result,
                       ComputeActivations(*opened.model, *opened.weights, {{1, 2}}, /*logits=*/false, &pool));
  EXPECT_EQ(result[0].block_outputs.size(), 3u * 2 * 32 * sizeof(float));
  EXPECT_EQ(result[0].logits, "");
}

TEST(ComputeActivationsTest, LogitsThatAreNotFiniteAreNeverGiven) {
  const testing::CheckpointCopy checkpoint;
  checkpoint.SetWeight("embed_out.weight", 7, std::nanf(""));
  const OpenedModel opened(checkpoint.path());
  ComputePool pool(1);
  EXPECT_STATUS(ComputeActivations(*opened.model, *opened.weights, {{1, 2}}, /*logits=*/true, &pool),
                kDataLoss, "logits hold NaN or Inf", "unembedding");
  EXPECT_OK(ComputeActivations(*opened.model, *opened.weights, {{1, 2}}, /*logits=*/false, &pool));
}

TEST(ComputeActivationsTest, RefusesATokenThatTheModelDoesNotHave) {
  const testing::CheckpointCopy checkpoint;
  const OpenedModel opened(checkpoint.path());
  ComputePool pool(1);
  EXPECT_STATUS(ComputeActivations(*opened.model, *opened.weights, {{1, 960}}, true, &pool), kInvalidArgument,
                "id 960");
}

}  // namespace
}  // namespace probesweep::worker
