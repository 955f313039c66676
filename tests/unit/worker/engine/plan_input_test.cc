#include "worker/engine/plan_input.h"

#include <gtest/gtest.h>

#include <numeric>

#include "absl/strings/str_cat.h"
#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"
#include "worker/engine/pass_plan.h"

namespace probesweep::worker {
namespace {

WeightTensor Tensor(const std::string& name, std::vector<int64_t> shape) {
  const int64_t elements =
      std::accumulate(shape.begin(), shape.end(), int64_t{1}, [](int64_t a, int64_t b) { return a * b; });
  return {name, std::move(shape), 2 * elements};
}

std::vector<WeightTensor> Attention(int64_t hidden, int64_t keys) {
  return {Tensor("model.layers.0.self_attn.q_proj.weight", {hidden, hidden}),
          Tensor("model.layers.0.self_attn.k_proj.weight", {keys, hidden}),
          Tensor("model.layers.0.self_attn.v_proj.weight", {keys, hidden}),
          Tensor("model.layers.0.self_attn.o_proj.weight", {hidden, hidden}),
          Tensor("model.layers.0.input_layernorm.weight", {hidden}),
          Tensor("model.layers.0.post_attention_layernorm.weight", {hidden})};
}

// 32 blocks of 202.4 million parameters: 6.476 of its 6.738 billion; the rest is embeddings and a norm.
TEST(PlanInputTest, KnowsLlama7b) {
  std::vector<WeightTensor> tensors = Attention(4096, 4096);
  for (const char* name : {"gate", "up"}) {
    tensors.push_back(Tensor(absl::StrCat("model.layers.0.mlp.", name, "_proj.weight"), {11008, 4096}));
  }
  tensors.push_back(Tensor("model.layers.0.mlp.down_proj.weight", {4096, 11008}));
  const BlockShape block = ShapeOfBlock(tensors, 4096, {32, 0});
  EXPECT_EQ(block.parameters, 202'383'360);
  EXPECT_EQ(32 * block.parameters, 6'476'267'520);
  EXPECT_EQ(32 * block.parameters + 2 * 32000 * 4096 + 4096, 6'738'415'616) << "as published";
  EXPECT_EQ(block.stored_bytes, 2 * 202'383'360);
  EXPECT_EQ(block.query_key_value, 3 * 4096 * 4096);
  EXPECT_EQ(block.attention_output, 4096 * 4096);
  EXPECT_EQ(block.mlp, 3 * 4096 * 11008);
  EXPECT_EQ(block.attention_width, 4096);
  EXPECT_EQ(block.mlp_values, 3 * 11008);
  EXPECT_EQ(block.mlp_arrays, 3);
  EXPECT_EQ(block.small_parameters, 2 * 4096) << "the norms";
  EXPECT_FALSE(block.fused_projections);
  // The 311,315 tokens that are left of the released datasets' 425,407: 13 GFLOP each.
  PlanInput input;
  input.hidden = 4096;
  input.blocks.assign(32, block);
  input.dimensions.resize(1);
  input.dimensions[0].rows = 311'315;
  input.dimensions[0].distinct = 16'717;
  EXPECT_NEAR(PlanPass(input).product_flops, 311'315 * 13e9, 0.03 * 311'315 * 13e9);
}

// 85,056,000 parameters without embeddings, as its card says; 1,536 of them are the final norm's.
TEST(PlanInputTest, KnowsPythia160m) {
  const int64_t hidden = 768;
  std::vector<WeightTensor> tensors;
  const auto linear = [&](const std::string& name, int64_t out, int64_t in) {
    tensors.push_back(Tensor("gpt_neox.layers.0." + name + ".weight", {out, in}));
    tensors.push_back(Tensor("gpt_neox.layers.0." + name + ".bias", {out}));
  };
  linear("attention.query_key_value", 3 * hidden, hidden);
  linear("attention.dense", hidden, hidden);
  linear("mlp.dense_h_to_4h", 4 * hidden, hidden);
  linear("mlp.dense_4h_to_h", hidden, 4 * hidden);
  for (const char* norm : {"input_layernorm", "post_attention_layernorm"}) {
    for (const char* part : {".weight", ".bias"}) {
      tensors.push_back(Tensor(absl::StrCat("gpt_neox.layers.0.", norm, part), {hidden}));
    }
  }
  const BlockShape block = ShapeOfBlock(tensors, hidden, {12, 0});
  EXPECT_EQ(12 * block.parameters + 1536, 85'056'000);
  EXPECT_EQ(block.query_key_value, 3 * hidden * hidden);
  EXPECT_EQ(block.attention_output, hidden * hidden);
  EXPECT_EQ(block.mlp, 8 * hidden * hidden);
  EXPECT_EQ(block.attention_width, hidden);
  EXPECT_EQ(block.mlp_arrays, 2);
  EXPECT_TRUE(block.fused_projections);
}

// 46.7 billion parameters, of which a token goes through 12.9.
TEST(PlanInputTest, KnowsMixtral8x7b) {
  std::vector<WeightTensor> tensors = Attention(4096, 1024);
  tensors.push_back(Tensor("model.layers.0.block_sparse_moe.gate.weight", {8, 4096}));
  for (int expert = 0; expert < 8; ++expert) {
    const std::string name = absl::StrCat("model.layers.0.block_sparse_moe.experts.", expert);
    tensors.push_back(Tensor(name + ".w1.weight", {14336, 4096}));
    tensors.push_back(Tensor(name + ".w3.weight", {14336, 4096}));
    tensors.push_back(Tensor(name + ".w2.weight", {4096, 14336}));
  }
  const BlockShape block = ShapeOfBlock(tensors, 4096, {32, 2});
  const int64_t rest = 2 * 32000 * 4096 + 4096;
  EXPECT_EQ(32 * block.parameters + rest, 46'702'792'704) << "as published";
  EXPECT_EQ(block.mlp, 2 * 3 * 4096 * 14336 + 8 * 4096);
  const int64_t active = 32 * (block.query_key_value + block.attention_output + block.mlp) + rest;
  EXPECT_NEAR(static_cast<double>(active), 12.9e9, 0.05e9);
  EXPECT_EQ(block.mlp_values, 8 + 3 * 14336 * 2.0 / 8) << "one expert after the other";
}

// Every architecture's tensors fall into the three parts.
class ArchitectureTest : public ::testing::TestWithParam<const char*> {};

TEST_P(ArchitectureTest, PartsItsProducts) {
  const testing::CheckpointCopy checkpoint(GetParam());
  ASSERT_OK_AND_ASSIGN(const OpenedCheckpoint opened, OpenCheckpoint(checkpoint.path()));
  ASSERT_OK_AND_ASSIGN(const PlanInput input, DescribeCheckpoint(opened, checkpoint.path()));
  ASSERT_EQ(input.blocks.size(), static_cast<size_t>(opened.model->layers()));
  int64_t parameters = input.embedding_parameters;
  for (const BlockShape& block : input.blocks) {
    parameters += block.parameters;
    EXPECT_GE(block.query_key_value, input.hidden * block.attention_width);
    EXPECT_LE(block.query_key_value, 3 * input.hidden * block.attention_width);
    EXPECT_EQ(block.attention_output, input.hidden * block.attention_width);
    EXPECT_GE(block.mlp, input.hidden * input.hidden);
    EXPECT_GE(block.heads, 2);
  }
  EXPECT_EQ(parameters, opened.summary.body_parameters);
  ASSERT_OK(opened.model->LoadEmbedding(*opened.weights).status());
  for (int64_t layer = 0; layer < opened.model->layers(); ++layer) {
    ASSERT_OK(opened.model->LoadBlock(*opened.weights, layer).status());
  }
  EXPECT_EQ(PlanPass(input).bytes_to_read, opened.weights->bytes_read());
}

INSTANTIATE_TEST_SUITE_P(All, ArchitectureTest,
                         ::testing::Values("bloom", "gpt2", "gpt_neox", "llama", "llama_gqa_scaled",
                                           "mistral", "olmo", "olmo2", "opt", "qwen2"),
                         [](const auto& info) { return std::string(info.param); });

TEST(PlanInputTest, CountsADimensionsTokensBeforeAndAfterSharing) {
  const std::vector<std::vector<int64_t>> statements = {{1, 2, 3}, {1, 2, 4}, {1, 2, 3}, {5}};
  const PlannedDimension dimension =
      DescribeDimension("d", statements, BuildPack(statements, {/*chunk_rows=*/100}));
  EXPECT_EQ(dimension.statements, 4);
  EXPECT_EQ(dimension.distinct, 3);
  EXPECT_EQ(dimension.tokens, 10);
  EXPECT_EQ(dimension.rows, 5) << "1, 2, 3, 4 and 5";
  EXPECT_EQ(dimension.last_seen, 7);
  EXPECT_EQ(dimension.attended, 9 + 9 + 1);
  EXPECT_EQ(dimension.chunk_rows, 5);
  EXPECT_EQ(dimension.chunk_tokens, 7);
  EXPECT_EQ(dimension.run_tokens, 6);
  EXPECT_EQ(dimension.run_attended, 18);
}

}  // namespace
}  // namespace probesweep::worker
