// Which configurations of GPT-2 and its kin are refused, and which fields are no reason to; golden_test.cc
// has their arithmetic.
#include "worker/model/layer_norm_family.h"

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

TEST(LayerNormFamilyTest, ArithmeticThatIsNotImplementedIsRefusedByTheFieldsName) {
  struct Case {
    const char* model;
    json fields;
    const char* named;
  };
  const Case cases[] = {
      {"bloom", {{"slow_but_exact", true}, {"pretraining_tp", 4}}, "`slow_but_exact` is true"},
      {"falcon", {{"activation", "tanh"}}, "`activation` is 'tanh'"},
      {"falcon", {{"partial_rotary_factor", 0.5}}, "`partial_rotary_factor` is a share that rotates 4 of 8"},
      {"falcon", {{"num_ln_in_parallel_attn", 2}}, "`num_ln_in_parallel_attn` is 2"},
      {"falcon_grouped", {{"num_ln_in_parallel_attn", 3}}, "`num_ln_in_parallel_attn` is 3"},
      {"falcon_grouped", {{"parallel_attn", false}}, "`parallel_attn` is false"},
      {"falcon_alibi", {{"num_kv_heads", 2}}, "`num_kv_heads` is 2"},
      {"gpt2", {{"activation_function", "quick_gelu"}}, "`activation_function` is 'quick_gelu'"},
      {"gpt2", {{"add_cross_attention", true}}, "`add_cross_attention` is true"},
      {"gpt_neox", {{"head_dim", 4}}, "`head_dim` is 4"},
      {"opt", {{"activation_function", "tanh"}}, "`activation_function` is 'tanh'"},
      {"phi", {{"hidden_act", "xielu"}}, "`hidden_act` is 'xielu'"},
      {"stablelm", {{"head_dim", 8}}, "`head_dim` is 8"},
      {"stablelm", {{"hidden_act", "xielu"}}, "`hidden_act` is 'xielu'"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.model) + " " + c.fields.dump());
    EXPECT_STATUS(Create(c.model, c.fields), kUnimplemented, "config.json", c.named);
  }
}

TEST(LayerNormFamilyTest, FieldsThatDoNotChangeTheArithmeticAreNoReasonToRefuse) {
  EXPECT_OK(Create("gpt2", {{"n_inner", nullptr}, {"reorder_and_upcast_attn", true}, {"n_ctx", 64}}));
  EXPECT_OK(Create("opt", {{"word_embed_proj_dim", nullptr}, {"activation_dropout", 0.0}}));
  EXPECT_OK(Create("bloom", {{"slow_but_exact", true}, {"pretraining_tp", 1}, {"n_inner", nullptr}}));
  EXPECT_OK(Create("bloom", {{"slow_but_exact", false}, {"pretraining_tp", 4}}));
  // With one head of keys and values, or where the halves are not parallel.
  EXPECT_OK(Create("falcon", {{"num_kv_heads", 1}, {"num_ln_in_parallel_attn", 1}}));
  EXPECT_OK(Create("falcon_alibi", {{"num_ln_in_parallel_attn", 2}, {"rope_theta", -1}}));
  EXPECT_OK(Create("gpt_neox", {{"head_dim", 8}, {"num_key_value_heads", 1}}));
  EXPECT_OK(Create("falcon_grouped", {{"multi_query", false}, {"ffn_hidden_size", nullptr}}));
}

TEST(LayerNormFamilyTest, ABadFieldIsNamed) {
  struct Case {
    const char* model;
    const char* field;
    json value;
    const char* why;
  };
  const Case cases[] = {
      {"bloom", "hidden_size", nullptr, "missing"},
      {"bloom", "n_head", 5, "no multiple of the 5 heads"},
      {"bloom", "layer_norm_epsilon", "small", "not a number"},
      {"bloom", "apply_residual_connection_post_layernorm", 1, "neither true nor false"},
      {"falcon", "hidden_size", nullptr, "missing"},
      {"falcon", "num_attention_heads", 5, "no multiple of the 5 heads"},
      {"falcon", "ffn_hidden_size", 0, "above 0"},
      {"falcon", "new_decoder_architecture", 1, "neither true nor false"},
      {"falcon", "multi_query", 1, "neither true nor false"},
      {"falcon", "parallel_attn", 1, "neither true nor false"},
      {"falcon", "alibi", 1, "neither true nor false"},
      {"falcon", "bias", 1, "neither true nor false"},
      {"falcon_alibi", "n_embed", 25, "no multiple of the 12 heads"},
      {"falcon_grouped", "num_kv_heads", 3, "no divisor of the 4 heads"},
      {"falcon_grouped", "num_ln_in_parallel_attn", 0, "above 0"},
      {"gpt2", "n_embd", nullptr, "missing"},
      {"gpt2", "n_head", 5, "no multiple of the 5 heads"},
      {"gpt2", "n_positions", 0, "above 0"},
      {"gpt2", "n_inner", -1, "above 0"},
      {"gpt2", "layer_norm_epsilon", -1, "below 0"},
      {"gpt2", "scale_attn_weights", "yes", "neither true nor false"},
      {"gpt2", "scale_attn_by_inverse_layer_idx", 1, "neither true nor false"},
      {"gpt_neox", "attention_bias", 1, "neither true nor false"},
      {"opt", "ffn_dim", nullptr, "missing"},
      {"opt", "max_position_embeddings", nullptr, "missing"},
      {"opt", "num_attention_heads", 5, "no multiple of the 5 heads"},
      {"opt", "word_embed_proj_dim", 0.5, "0.5"},
      {"opt", "do_layer_norm_before", 1, "neither true nor false"},
      {"opt", "enable_bias", 0, "neither true nor false"},
      {"opt", "layer_norm_elementwise_affine", "no", "neither true nor false"},
      {"opt", "_remove_final_layer_norm", 1, "neither true nor false"},
      {"phi", "intermediate_size", nullptr, "missing"},
      {"phi", "head_dim", 0, "above 0"},
      {"phi", "num_key_value_heads", 2, "no divisor of the 3 heads"},
      {"phi", "qk_layernorm", 1, "neither true nor false"},
      {"phi", "partial_rotary_factor", 0.3, "3 rotated dimensions"},
      {"stablelm", "num_key_value_heads", nullptr, "is 32, no divisor of the 2 heads"},
      {"stablelm", "num_key_value_heads", 4, "no divisor of the 2 heads"},
      {"stablelm", "intermediate_size", nullptr, "missing"},
      {"stablelm", "qk_layernorm", 1, "neither true nor false"},
      {"stablelm", "use_qkv_bias", 1, "neither true nor false"},
      {"stablelm", "use_parallel_residual", 1, "neither true nor false"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.model) + "." + c.field + " = " + c.value.dump());
    EXPECT_STATUS(Create(c.model, {{c.field, c.value}}), kInvalidArgument, "config.json", c.field, c.why);
  }
}

TEST(LayerNormFamilyTest, OnlyLearnedPositionsLimitAStatement) {
  EXPECT_EQ(OpenedModel(testing::CheckpointCopy("gpt2").path()).model->max_positions(), 64);
  EXPECT_EQ(OpenedModel(testing::CheckpointCopy("opt").path()).model->max_positions(), 64);
  for (const char* model : {"bloom", "falcon", "gpt_neox", "phi", "stablelm"}) {
    EXPECT_EQ(OpenedModel(testing::CheckpointCopy(model).path()).model->max_positions(), 0) << model;
  }
}

}  // namespace
}  // namespace probesweep::worker
