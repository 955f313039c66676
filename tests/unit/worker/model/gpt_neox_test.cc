#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/worker/model/golden_model.h"

namespace probesweep::worker {
namespace {

// fp32 on another machine's products: a wrong formula is off by far more.
constexpr double kTolerance = 1e-5;

TEST(GptNeoxTest, TiedEmbeddingsAreTheUnembedding) {
  const testing::CheckpointCopy checkpoint;
  checkpoint.SetConfig("tie_word_embeddings", true);
  const OpenedModel opened(checkpoint.path());
  ASSERT_OK_AND_ASSIGN(const auto head, opened.model->LoadHead(*opened.weights));
  const at::Tensor logits = head->Forward(at::ones({1, 32}).cumsum(1));
  const at::Tensor norm_weight = *opened.weights->Read("gpt_neox.final_layer_norm.weight", {32});
  const at::Tensor norm_bias = *opened.weights->Read("gpt_neox.final_layer_norm.bias", {32});
  const at::Tensor embedding = *opened.weights->Read("gpt_neox.embed_in.weight", {96, 32});
  const at::Tensor x = at::arange(1, 33, at::kFloat);
  const at::Tensor normed = (x - x.mean()) / at::sqrt(at::var(x, /*unbiased=*/false) + 1e-5);
  const at::Tensor expected = at::mv(embedding, normed * norm_weight + norm_bias);
  EXPECT_LT(RelativeError(logits[0], expected), kTolerance);
}

TEST(GptNeoxTest, NamesTheTensorThatDoesNotFitTheConfiguration) {
  const testing::CheckpointCopy checkpoint;
  checkpoint.SetConfig("intermediate_size", 64);
  const OpenedModel opened(checkpoint.path());
  EXPECT_STATUS(opened.model->LoadBlock(*opened.weights, 1), kDataLoss,
                "'gpt_neox.layers.1.mlp.dense_h_to_4h.weight'", "[128, 32]", "[64, 32]");
}

TEST(GptNeoxTest, NamesTheTensorOfALayerThatIsMissing) {
  const testing::CheckpointCopy checkpoint;
  checkpoint.SetConfig("num_hidden_layers", 4);
  const OpenedModel opened(checkpoint.path());
  EXPECT_STATUS(opened.model->LoadBlock(*opened.weights, 3), kDataLoss,
                "'gpt_neox.layers.3.input_layernorm.weight'", "model.safetensors");
}

}  // namespace
}  // namespace probesweep::worker
