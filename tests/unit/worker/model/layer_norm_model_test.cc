// Which tensors count of a checkpoint of GPT-2's kin: those that are missing, superfluous, or tied.
#include "worker/model/layer_norm_model.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/worker/model/golden_model.h"

namespace probesweep::worker {
namespace {

// Gives a tensor another name that is no longer.
void Rename(const testing::CheckpointCopy& checkpoint, const std::string& from, const std::string& to) {
  std::string bytes = *ReadFile(checkpoint.File("model.safetensors"));
  const size_t at = bytes.find('"' + from + '"');
  ASSERT_NE(at, std::string::npos) << from;
  ASSERT_LE(to.size(), from.size());
  bytes.replace(at, from.size() + 2, '"' + to + '"' + std::string(from.size() - to.size(), ' '));
  checkpoint.Write("model.safetensors", bytes);
}

at::Tensor Logits(const OpenedModel& opened) {
  at::manual_seed(6);
  const at::Tensor residual = at::randn({3, opened.model->hidden_size()});
  const auto head = opened.model->LoadHead(*opened.weights);
  EXPECT_OK(head);
  return head.ok() ? (*head)->Forward(residual) : residual;
}

at::Tensor Embedded(const OpenedModel& opened) {
  const auto embedding = opened.model->LoadEmbedding(*opened.weights);
  EXPECT_OK(embedding);
  return embedding.ok() ? (*embedding)->Forward(at::arange(5, at::kLong), {{{1, 5}}}) : at::Tensor();
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

TEST(LayerNormModelTest, ATensorThatIsMissingIsNamedAsTransformersNamesIt) {
  struct Case {
    const char* model;
    const char* layers;
    const char* tensor;
  };
  const Case cases[] = {
      {"bloom", "n_layer", "'transformer.h.3.input_layernorm.weight'"},
      {"falcon", "num_hidden_layers", "'transformer.h.3.input_layernorm.weight'"},
      {"falcon_grouped", "num_hidden_layers", "'transformer.h.3.ln_attn.weight'"},
      {"gpt2", "n_layer", "'transformer.h.3.ln_1.weight'"},
      {"gpt2_scaled", "n_layer", "'transformer.h.3.ln_1.weight'"},
      {"gpt_neox", "num_hidden_layers", "'gpt_neox.layers.3.input_layernorm.weight'"},
      {"opt", "num_hidden_layers", "'model.decoder.layers.3.self_attn_layer_norm.weight'"},
      {"phi", "num_hidden_layers", "'model.layers.3.input_layernorm.weight'"},
      {"stablelm", "num_hidden_layers", "'model.layers.3.input_layernorm.weight'"},
  };
  for (const Case& c : cases) {
    const testing::CheckpointCopy checkpoint(c.model);
    checkpoint.SetConfig(c.layers, 4);
    const OpenedModel opened(checkpoint.path());
    EXPECT_STATUS(opened.model->LoadBlock(*opened.weights, 3), kDataLoss, c.tensor, "model.safetensors");
  }
}

TEST(LayerNormModelTest, ATensorThatDoesNotFitTheConfigurationIsNamed) {
  const testing::CheckpointCopy checkpoint;
  checkpoint.SetConfig("intermediate_size", 64);
  const OpenedModel opened(checkpoint.path());
  EXPECT_STATUS(opened.model->LoadBlock(*opened.weights, 1), kDataLoss,
                "'gpt_neox.layers.1.mlp.dense_h_to_4h.weight'", "[128, 32]", "[64, 32]");
}

TEST(LayerNormModelTest, BiasesAreReadWhenTheConfigurationHasThemAndOnlyThen) {
  struct Case {
    const char* biased;  // a model with biases
    const char* plain;   // one without
    const char* field;
    const char* missing;
  };
  const Case cases[] = {
      {"falcon_grouped", "falcon_one_norm", "bias", "self_attention.query_key_value.bias"},
      {"gpt_neox", "gpt_neox_sequential", "attention_bias", "attention.query_key_value.bias"},
      {"opt", "opt_bare", "enable_bias", "self_attn.q_proj.bias"},
      {"stablelm", "stablelm_parallel", "use_qkv_bias", "self_attn.q_proj.bias"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.field);
    const testing::CheckpointCopy with(c.biased), without(c.biased), missing(c.plain);
    without.SetConfig(c.field, false);
    EXPECT_GT(RelativeError(BlockOutput(without), BlockOutput(with)), 1e-3);
    missing.SetConfig(c.field, true);
    const OpenedModel opened(missing.path());
    EXPECT_STATUS(opened.model->LoadBlock(*opened.weights, 0), kDataLoss, c.missing);
  }
}

TEST(LayerNormModelTest, NormsWithoutWeightsDoNotReadThoseThatAreStored) {
  const testing::CheckpointCopy with("opt"), without("opt");
  without.SetConfig("layer_norm_elementwise_affine", false);
  EXPECT_GT(RelativeError(BlockOutput(without), BlockOutput(with)), 1e-3);
}

// Where transformers takes any value for a truth.
TEST(LayerNormModelTest, FalconsNullIsFalseThoughNoFieldIsTrue) {
  const testing::CheckpointCopy spelled("falcon_alibi"), null("falcon_alibi");
  std::string config = *ReadFile(null.File("config.json"));
  for (const std::string field : {"\"multi_query\": ", "\"parallel_attn\": "}) {
    const size_t at = config.find(field + "false");
    ASSERT_NE(at, std::string::npos);
    config.replace(at, field.size() + 5, field + "null");
  }
  null.Write("config.json", config);
  EXPECT_TRUE(BlockOutput(null).equal(BlockOutput(spelled)));
}

TEST(LayerNormModelTest, AStoredUnembeddingCountsEvenWhenTheConfigurationTiesIt) {
  for (const char* model : {"falcon", "gpt2_scaled", "gpt_neox", "phi"}) {
    SCOPED_TRACE(model);
    const testing::CheckpointCopy checkpoint(model);
    checkpoint.SetConfig("tie_word_embeddings", true);
    EXPECT_TRUE(
        Logits(OpenedModel(checkpoint.path())).equal(Logits(OpenedModel(testing::GoldenFolder(model)))));
  }
}

TEST(LayerNormModelTest, AnUntiedUnembeddingThatIsNotStoredIsMissing) {
  const testing::CheckpointCopy checkpoint("gpt2");
  checkpoint.SetConfig("tie_word_embeddings", false);
  const OpenedModel opened(checkpoint.path());
  EXPECT_STATUS(opened.model->LoadHead(*opened.weights), kDataLoss, "'lm_head.weight'");
}

TEST(LayerNormModelTest, TiedEmbeddingsMayBeStoredAsTheUnembeddingAlone) {
  struct Case {
    const char* model;
    const char* embedding;
  };
  const Case cases[] = {
      {"bloom", "transformer.word_embeddings.weight"},
      {"falcon_grouped", "transformer.word_embeddings.weight"},
      {"gpt2", "transformer.wte.weight"},
      {"opt", "model.decoder.embed_tokens.weight"},
      {"phi_normed", "embed_tokens.weight"},
      {"stablelm_parallel", "model.embed_tokens.weight"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.model);
    const testing::CheckpointCopy checkpoint(c.model);
    Rename(checkpoint, c.embedding, "lm_head.weight");
    const OpenedModel opened(checkpoint.path()), usual(testing::GoldenFolder(c.model));
    EXPECT_TRUE(Embedded(opened).equal(Embedded(usual)));
    EXPECT_TRUE(Logits(opened).equal(Logits(usual)));
  }
}

TEST(LayerNormModelTest, GptNeoxsUnembeddingMayBeCalledAsInTransformersMemory) {
  const testing::CheckpointCopy checkpoint("gpt_neox");
  Rename(checkpoint, "embed_out.weight", "lm_head.weight");
  EXPECT_TRUE(
      Logits(OpenedModel(checkpoint.path())).equal(Logits(OpenedModel(testing::GoldenFolder("gpt_neox")))));
}

}  // namespace
}  // namespace probesweep::worker
