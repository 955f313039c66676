#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"
#include "worker/model/model.h"

namespace probesweep::worker {
namespace {

using nlohmann::json;

// What CreateModel says of the golden model's configuration with one field changed.
absl::Status Create(const std::string& field, const json& value, const char* config = "config.json") {
  const testing::CheckpointCopy checkpoint("gpt_neox", config);
  checkpoint.SetConfig(field, value);
  const auto file = ConfigFile::Open(checkpoint.path());
  return file.ok() ? CreateModel(*file).status() : file.status();
}

TEST(CreateModelTest, ReadsTheSizesOfTheGoldenModel) {
  const testing::CheckpointCopy checkpoint;
  ASSERT_OK_AND_ASSIGN(const ConfigFile config, ConfigFile::Open(checkpoint.path()));
  ASSERT_OK_AND_ASSIGN(const auto model, CreateModel(config));
  EXPECT_EQ(model->layers(), 3);
  EXPECT_EQ(model->hidden_size(), 32);
  EXPECT_EQ(model->vocab_size(), 96);
  EXPECT_EQ(model->BlockPrefix(2), "gpt_neox.layers.2.");
}

TEST(CreateModelTest, AnUnknownModelTypeNamesWhatIsSupported) {
  EXPECT_STATUS(
      Create("model_type", "mamba"), kUnimplemented, "config.json", "`model_type`", "'mamba'",
      "supported: bloom, falcon, gemma, gpt2, gpt_neox, hf_olmo, llama, mistral, mixtral, olmo, olmo2, "
      "olmoe, opt, phi, qwen2, qwen3, stablelm");
  EXPECT_STATUS(Create("model_type", "gemma2"), kUnimplemented, "'gemma2'");
  EXPECT_STATUS(Create("model_type", "gpt-neox"), kUnimplemented, "did you mean 'gpt_neox'?");
}

TEST(CreateModelTest, RefusesArithmeticThatIsNotImplementedByTheFieldsName) {
  EXPECT_STATUS(Create("hidden_act", "quick_gelu"), kUnimplemented, "`hidden_act`", "'quick_gelu'",
                "gelu_new");
  const json longrope = {{"rope_type", "longrope"}, {"factor", 2.0}};
  EXPECT_STATUS(Create("rope_scaling", longrope), kUnimplemented, "rope_scaling", "'longrope'", "yarn");
  const json proportional = {{"rope_type", "proportional"}, {"rope_theta", 10000}};
  EXPECT_STATUS(Create("rope_parameters", proportional, "config.v5.json"), kUnimplemented, "rope_",
                "'proportional'");
}

TEST(CreateModelTest, RefusesQuantizedWeightsOfAnyArchitecture) {
  EXPECT_STATUS(Create("quantization_config", {{"quant_method", "gptq"}}), kUnimplemented, "config.json",
                "`quantization_config`", "fp64, fp32, fp16 or bf16");
}

TEST(CreateModelTest, NamesABadField) {
  struct Case {
    const char* field;
    json value;
    const char* why;
  };
  const Case cases[] = {
      {"hidden_size", nullptr, "missing"},
      {"num_hidden_layers", nullptr, "missing"},
      {"num_attention_heads", 0, "above 0"},
      {"intermediate_size", "128", "\"128\""},
      {"vocab_size", 96.5, "96.5"},
      {"hidden_size", 33, "no multiple of the 4 heads"},
      {"layer_norm_eps", "small", "not a number"},
      {"use_parallel_residual", 1, "neither true nor false"},
      {"rotary_pct", 1.5, "at most 1"},
      {"rotary_emb_base", -1, "above 0"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.field) + " = " + c.value.dump());
    EXPECT_STATUS(Create(c.field, c.value), kInvalidArgument, "config.json", c.why);
  }
}

}  // namespace
}  // namespace probesweep::worker
