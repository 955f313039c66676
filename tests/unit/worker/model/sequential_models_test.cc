// GPT-2, OPT and BLOOM, beyond their goldens: which fields and tensors are refused, and which count.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/worker/model/golden_model.h"

namespace probesweep::worker {
namespace {

using nlohmann::json;

// What CreateModel says of a golden model's configuration with fields changed.
absl::Status Create(const std::string& model, const json& fields) {
  const testing::CheckpointCopy checkpoint(model);
  for (const auto& [field, value] : fields.items()) checkpoint.SetConfig(field, value);
  const auto file = ConfigFile::Open(checkpoint.path());
  return file.ok() ? CreateModel(*file).status() : file.status();
}

TEST(SequentialModelsTest, ArithmeticThatIsNotImplementedIsRefusedByTheFieldsName) {
  struct Case {
    const char* model;
    json fields;
    const char* named;
  };
  const Case cases[] = {
      {"gpt2", {{"activation_function", "quick_gelu"}}, "`activation_function` is 'quick_gelu'"},
      {"gpt2", {{"add_cross_attention", true}}, "`add_cross_attention` is true"},
      {"opt", {{"activation_function", "tanh"}}, "`activation_function` is 'tanh'"},
      {"bloom", {{"slow_but_exact", true}, {"pretraining_tp", 4}}, "`slow_but_exact` is true"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.model) + " " + c.fields.dump());
    EXPECT_STATUS(Create(c.model, c.fields), kUnimplemented, "config.json", c.named);
  }
}

TEST(SequentialModelsTest, FieldsThatDoNotChangeTheArithmeticAreNoReasonToRefuse) {
  EXPECT_OK(Create("gpt2", {{"n_inner", nullptr}, {"reorder_and_upcast_attn", true}, {"n_ctx", 64}}));
  EXPECT_OK(Create("opt", {{"word_embed_proj_dim", nullptr}, {"activation_dropout", 0.0}}));
  EXPECT_OK(Create("bloom", {{"slow_but_exact", true}, {"pretraining_tp", 1}, {"n_inner", nullptr}}));
  EXPECT_OK(Create("bloom", {{"slow_but_exact", false}, {"pretraining_tp", 4}}));
}

TEST(SequentialModelsTest, ABadFieldIsNamed) {
  struct Case {
    const char* model;
    const char* field;
    json value;
    const char* why;
  };
  const Case cases[] = {
      {"gpt2", "n_embd", nullptr, "missing"},
      {"gpt2", "n_head", 5, "no multiple of the 5 heads"},
      {"gpt2", "n_positions", 0, "above 0"},
      {"gpt2", "n_inner", -1, "above 0"},
      {"gpt2", "scale_attn_weights", "yes", "neither true nor false"},
      {"gpt2", "scale_attn_by_inverse_layer_idx", 1, "neither true nor false"},
      {"opt", "ffn_dim", nullptr, "missing"},
      {"opt", "max_position_embeddings", nullptr, "missing"},
      {"opt", "num_attention_heads", 5, "no multiple of the 5 heads"},
      {"opt", "word_embed_proj_dim", 0.5, "0.5"},
      {"opt", "do_layer_norm_before", 1, "neither true nor false"},
      {"opt", "enable_bias", 0, "neither true nor false"},
      {"opt", "layer_norm_elementwise_affine", "no", "neither true nor false"},
      {"opt", "_remove_final_layer_norm", 1, "neither true nor false"},
      {"bloom", "hidden_size", nullptr, "missing"},
      {"bloom", "n_head", 5, "no multiple of the 5 heads"},
      {"bloom", "layer_norm_epsilon", "small", "not a number"},
      {"bloom", "apply_residual_connection_post_layernorm", 1, "neither true nor false"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.model) + "." + c.field + " = " + c.value.dump());
    EXPECT_STATUS(Create(c.model, {{c.field, c.value}}), kInvalidArgument, "config.json", c.field, c.why);
  }
}

TEST(SequentialModelsTest, OnlyLearnedPositionsLimitAStatement) {
  EXPECT_EQ(OpenedModel(testing::CheckpointCopy("gpt2").path()).model->max_positions(), 64);
  EXPECT_EQ(OpenedModel(testing::CheckpointCopy("opt").path()).model->max_positions(), 64);
  EXPECT_EQ(OpenedModel(testing::CheckpointCopy("bloom").path()).model->max_positions(), 0);
  EXPECT_EQ(OpenedModel(testing::CheckpointCopy("gpt_neox").path()).model->max_positions(), 0);
}

TEST(SequentialModelsTest, AMissingTensorIsNamedAsThisCheckpointNamesIts) {
  struct Case {
    const char* model;
    const char* layers;
    const char* tensor;
  };
  const Case cases[] = {
      {"gpt2", "n_layer", "'transformer.h.3.ln_1.weight'"},
      {"gpt2_scaled", "n_layer", "'h.3.ln_1.weight'"},
      {"opt", "num_hidden_layers", "'model.decoder.layers.3.self_attn_layer_norm.weight'"},
      {"opt_post_norm", "num_hidden_layers", "'decoder.layers.3.self_attn_layer_norm.weight'"},
      {"bloom", "n_layer", "'transformer.h.3.input_layernorm.weight'"},
      {"bloom_six_heads", "n_layer", "'h.3.input_layernorm.weight'"},
  };
  for (const Case& c : cases) {
    const testing::CheckpointCopy checkpoint(c.model);
    checkpoint.SetConfig(c.layers, 4);
    const OpenedModel opened(checkpoint.path());
    EXPECT_STATUS(opened.model->LoadBlock(*opened.weights, 3), kDataLoss, c.tensor);
  }
}

// What a block makes of fixed rows.
at::Tensor BlockOutput(const testing::CheckpointCopy& checkpoint) {
  const OpenedModel opened(checkpoint.path());
  at::manual_seed(5);
  const at::Tensor residual = at::randn({9, opened.model->hidden_size()});
  const auto block = opened.model->LoadBlock(*opened.weights, 1);
  EXPECT_OK(block);
  return block.ok() ? (*block)->Forward(residual, {{{1, 4}, {1, 5}}}, nullptr) : residual;
}

TEST(OptTest, BiasesAreReadWhenTheConfigurationHasThemAndOnlyThen) {
  const testing::CheckpointCopy with("opt"), without("opt"), missing("opt_bare");
  without.SetConfig("enable_bias", false);
  EXPECT_GT(RelativeError(BlockOutput(without), BlockOutput(with)), 1e-3);
  missing.SetConfig("enable_bias", true);
  const OpenedModel opened(missing.path());
  EXPECT_STATUS(opened.model->LoadBlock(*opened.weights, 0), kDataLoss, "self_attn.q_proj.bias");
}

TEST(OptTest, NormsWithoutWeightsDoNotReadThoseThatAreStored) {
  const testing::CheckpointCopy with("opt"), without("opt");
  without.SetConfig("layer_norm_elementwise_affine", false);
  EXPECT_GT(RelativeError(BlockOutput(without), BlockOutput(with)), 1e-3);
}

TEST(UnembeddingNameTest, AStoredUnembeddingCountsEvenWhenTheConfigurationTiesIt) {
  const testing::CheckpointCopy checkpoint("gpt2_scaled");
  checkpoint.SetConfig("tie_word_embeddings", true);
  const OpenedModel tied(checkpoint.path()), untied(testing::GoldenFolder("gpt2_scaled"));
  ASSERT_OK_AND_ASSIGN(const auto head, tied.model->LoadHead(*tied.weights));
  ASSERT_OK_AND_ASSIGN(const auto expected, untied.model->LoadHead(*untied.weights));
  const at::Tensor residual = at::randn({2, 24});
  EXPECT_TRUE(head->Forward(residual).equal(expected->Forward(residual)));
}

TEST(UnembeddingNameTest, AnUntiedOneThatIsNotStoredIsMissing) {
  const testing::CheckpointCopy checkpoint("gpt2");
  checkpoint.SetConfig("tie_word_embeddings", false);
  const OpenedModel opened(checkpoint.path());
  EXPECT_STATUS(opened.model->LoadHead(*opened.weights), kDataLoss, "'lm_head.weight'");
}

}  // namespace
}  // namespace probesweep::worker
