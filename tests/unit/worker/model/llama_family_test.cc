// What configurations and weights of Llama's kin are refused or resolved; golden_test.cc has their
// arithmetic.
#include "worker/model/llama_family.h"

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

struct Refusal {
  const char* model;
  const char* field;
  json value;
  const char* why;
};

absl::Status Create(const Refusal& c) {
  const testing::CheckpointCopy checkpoint(c.model);
  checkpoint.SetConfig(c.field, c.value);
  const auto file = ConfigFile::Open(checkpoint.path());
  return file.ok() ? CreateModel(*file).status() : file.status();
}

TEST(LlamaFamilyTest, RefusesArithmeticThatIsNotImplementedByTheFieldsName) {
  const Refusal cases[] = {
      {"llama", "hidden_act", "xielu", "'xielu'"},
      {"llama", "partial_rotary_factor", 0.5, "rotates 4 of 8 dimensions"},
      {"qwen2", "use_sliding_window", true, "true"},
      {"qwen2",
       "layer_types",
       {"full_attention", "sliding_attention", "full_attention"},
       "'sliding_attention'"},
      {"qwen3", "use_sliding_window", true, "true"},
      {"qwen3", "layer_types", {"chunked_attention"}, "'chunked_attention'"},
      {"mixtral", "hidden_act", "quick_gelu", "'quick_gelu'"},
      {"gemma", "use_bidirectional_attention", true, "true"},
      {"hf_olmo", "rope", nullptr, "false"},  // the authors' default
      {"hf_olmo", "alibi", true, "true"},
      {"hf_olmo", "embedding_layer_norm", true, "true"},
      {"hf_olmo", "scale_logits", true, "true"},
      {"hf_olmo", "activation_type", "gelu", "'gelu'"},
      {"hf_olmo", "block_type", "llama", "'llama'"},
      {"hf_olmo", "block_group_size", 2, "2"},
      {"hf_olmo", "layer_norm_type", "amd_compatible", "'amd_compatible'"},
  };
  for (const Refusal& c : cases) {
    SCOPED_TRACE(std::string(c.model) + ", " + c.field);
    EXPECT_STATUS(Create(c), kUnimplemented, "config.json", std::string("`") + c.field + "`", c.why);
  }
  const Refusal longrope = {"olmo2", "rope_scaling", {{"rope_type", "longrope"}, {"factor", 2}}, ""};
  EXPECT_STATUS(Create(longrope), kUnimplemented, "`rope_scaling.rope_type`", "'longrope'");
}

TEST(LlamaFamilyTest, NamesABadField) {
  const Refusal cases[] = {
      {"llama", "num_key_value_heads", 3, "no divisor of the 4 heads"},
      {"llama", "num_key_value_heads", 0, "above 0"},
      {"llama", "hidden_size", 34, "no multiple of the 4 heads"},
      {"llama", "hidden_size", nullptr, "missing"},
      {"llama", "head_dim", -8, "above 0"},
      {"llama", "rms_norm_eps", -1, "below 0"},
      {"llama", "attention_bias", 1, "neither true nor false"},
      {"llama", "mlp_bias", "no", "neither true nor false"},
      {"mistral", "sliding_window", 0, "above 0"},
      {"mistral", "num_key_value_heads", nullptr, "missing"},
      {"qwen2", "num_key_value_heads", nullptr, "missing"},
      {"qwen2", "layer_types", "full_attention", "not a list"},
      {"olmo", "clip_qkv", -2, "above 0"},
      {"olmoe", "clip_qkv", 0, "above 0"},
      {"olmoe", "num_experts", 0, "above 0"},
      {"mixtral", "num_local_experts", nullptr, "missing"},
      {"mixtral", "num_experts_per_tok", 6, "more than the 5 experts"},
      {"mixtral", "num_hidden_layers", 2147483647, "more than can be read"},
      {"mixtral", "head_dim", 131072, "more than can be"},
      {"hf_olmo", "n_layers", 2147483647, "more than can be read"},
      {"hf_olmo", "d_model", 25, "no multiple of the 3 heads"},
      {"hf_olmo", "d_model", 27, "9 rotated dimensions"},
      {"hf_olmo", "n_kv_heads", 2, "no divisor of the 3 heads"},
      {"hf_olmo_biased", "multi_query_attention", true, "contradicts the 2 of `n_kv_heads`"},
      {"hf_olmo", "embedding_size", 80, "below the 90"},
      {"hf_olmo", "mlp_hidden_size", 41, "halves"},
      {"hf_olmo", "rope_theta", 0, "above 0"},
      {"hf_olmo", "layer_norm_eps", -1, "below 0"},
      {"hf_olmo", "clip_qkv", -1, "above 0"},
  };
  for (const Refusal& c : cases) {
    SCOPED_TRACE(std::string(c.model) + ", " + c.field + " = " + c.value.dump());
    // A head's dimensions are told by the field of what is rotated.
    const bool rotated = std::string(c.field) == "head_dim" && c.value.is_number() && c.value > 0;
    EXPECT_STATUS(Create(c), kInvalidArgument, "config.json",
                  rotated ? "`partial_rotary_factor`" : std::string("`") + c.field + "`", c.why);
  }
}

TEST(LlamaFamilyTest, ABiasThatTheConfigurationHasMustBeThere) {
  const testing::CheckpointCopy checkpoint("llama");
  checkpoint.SetConfig("attention_bias", true);
  const OpenedModel opened(checkpoint.path());
  EXPECT_STATUS(opened.model->LoadBlock(*opened.weights, 0), kDataLoss,
                "'model.layers.0.self_attn.q_proj.bias'");
}

TEST(LlamaFamilyTest, ABiasThatTheConfigurationHasNotIsLeftOut) {
  const testing::CheckpointCopy with("llama_gqa_scaled"), without("llama_gqa_scaled");
  without.SetConfig("attention_bias", false);
  const OpenedModel biased(with.path()), plain(without.path());
  ASSERT_OK_AND_ASSIGN(const auto biased_block, biased.model->LoadBlock(*biased.weights, 0));
  ASSERT_OK_AND_ASSIGN(const auto plain_block, plain.model->LoadBlock(*plain.weights, 0));
  const at::Tensor residual = at::ones({3, 32});
  const PackedLayout layout{{{1, 3}}};
  EXPECT_GT(RelativeError(plain_block->Forward(residual, layout, nullptr),
                          biased_block->Forward(residual, layout, nullptr)),
            1e-3);
}

TEST(LlamaFamilyTest, TiedWeightsAreTakenFromTheOneThatIsThere) {
  // qwen2's golden is tied and has no lm_head: untied it lacks a tensor.
  const testing::CheckpointCopy checkpoint("qwen2");
  checkpoint.SetConfig("tie_word_embeddings", false);
  const OpenedModel untied(checkpoint.path());
  EXPECT_STATUS(untied.model->LoadHead(*untied.weights), kDataLoss, "'lm_head.weight'");
  // llama's has both, and they differ: it is not tied, whatever its configuration says.
  const testing::CheckpointCopy both("llama");
  const OpenedModel plain(both.path());
  both.SetConfig("tie_word_embeddings", true);
  const OpenedModel tied(both.path());
  ASSERT_OK_AND_ASSIGN(const auto expected, plain.model->LoadHead(*plain.weights));
  ASSERT_OK_AND_ASSIGN(const auto head, tied.model->LoadHead(*tied.weights));
  const at::Tensor residual = at::arange(64, at::kFloat).view({2, 32});
  EXPECT_TRUE(head->Forward(residual).equal(expected->Forward(residual)));
}

// As OLMo's authors published it before transformers had it.
TEST(LlamaFamilyTest, OlmoWithItsAuthorsFieldsIsHfOlmo) {
  const testing::CheckpointCopy older("hf_olmo"), newer("hf_olmo");
  older.SetConfig("model_type", "olmo");
  const OpenedModel opened(older.path()), expected(newer.path());
  ASSERT_NE(opened.model, nullptr);
  ASSERT_OK_AND_ASSIGN(const auto block, opened.model->LoadBlock(*opened.weights, 0));
  ASSERT_OK_AND_ASSIGN(const auto same, expected.model->LoadBlock(*expected.weights, 0));
  const at::Tensor residual = at::arange(48, at::kFloat).view({2, 24});
  const PackedLayout layout{{{1, 2}}};
  EXPECT_TRUE(block->Forward(residual, layout, nullptr).equal(same->Forward(residual, layout, nullptr)));
}

TEST(LlamaFamilyTest, MistralsWindowIsNoneWhereItIsNull) {
  const PackedLayout layout{{{1, 30}}};
  at::manual_seed(5);
  const at::Tensor residual = at::randn({30, 32});
  const auto forward = [&](const testing::CheckpointCopy& checkpoint) {
    const OpenedModel opened(checkpoint.path());
    const auto block = opened.model->LoadBlock(*opened.weights, 0);
    EXPECT_TRUE(block.ok()) << block.status();
    return (*block)->Forward(residual, layout, nullptr);
  };
  const testing::CheckpointCopy narrow("mistral"), wide("mistral"), null("mistral"), absent("mistral");
  wide.SetConfig("sliding_window", 30);
  absent.SetConfig("sliding_window", nullptr);  // which takes the field away; there is a window of 4096
  const std::string config = *ReadFile(null.File("config.json"));
  const std::string window = "\"sliding_window\": 8";
  ASSERT_NE(config.find(window), std::string::npos);
  null.Write("config.json",
             std::string(config).replace(config.find(window), window.size(), "\"sliding_window\": null"));
  EXPECT_TRUE(forward(null).equal(forward(wide)));
  EXPECT_TRUE(forward(absent).equal(forward(wide)));
  const at::Tensor seen = forward(narrow);
  EXPECT_GT(RelativeError(seen.narrow(0, 8, 22), forward(wide).narrow(0, 8, 22)), 1e-3);
  EXPECT_LT(RelativeError(seen.narrow(0, 0, 8), forward(wide).narrow(0, 0, 8)), 1e-5);
}

}  // namespace
}  // namespace probesweep::worker
