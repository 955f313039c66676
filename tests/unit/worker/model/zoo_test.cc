// Published configurations, small: each loads its published tensors and agrees with transformers.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/golden/tensor_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"
#include "tests/unit/worker/model/golden_model.h"
#include "worker/model/check_weights.h"
#include "worker/model/last_tokens.h"

namespace probesweep::worker {
namespace {

constexpr double kTolerance = 1e-5;

std::string ZooFolder(const std::string& name) { return testing::SourceDir() + "/tests/zoo/" + name; }

// Listed, since the tests' names are asked for where the folder may not be.
std::vector<std::string> ZooNames() {
  return {
      // clang-format off
      "Amber",
      "DataDecide-dolma1_7-1B",
      "Llama-2-7b-hf",
      "Llama-3.1-8B",
      "Llama-3.2-1B",
      "Mistral-7B-v0.1",
      "Mistral-7B-v0.3",
      "Mixtral-8x7B-v0.1",
      "OLMo-1B",
      "OLMo-1B-hf",
      "OLMo-2-1124-7B",
      "OLMo-7B",
      "OLMo-7B-hf",
      "OLMoE-1B-7B-0924",
      "Qwen2.5-0.5B",
      "Qwen2.5-7B",
      "Qwen3-0.6B",
      "SmolLM2-1.7B",
      "SmolLM2-135M",
      "TinyLlama-1.1B-intermediate-step-1431k-3T",
      "bloom-560m",
      "bloom-7b1",
      "falcon-40b",
      "falcon-7b",
      "falcon-rw-1b",
      "gemma-2b",
      "gpt2",
      "gpt2-medium",
      "gpt2-xl",
      "opt-125m",
      "opt-350m",
      "opt-6.7b",
      "phi-1_5",
      "phi-2",
      "pythia-1.4b",
      "pythia-12b",
      "pythia-160m",
      "pythia-1b",
      "pythia-2.8b",
      "pythia-410m",
      "pythia-6.9b",
      "pythia-70m",
      "stablelm-2-1_6b",
      "stablelm-3b-4e1t"
      // clang-format on
  };
}

TEST(ZooNamesTest, AreAllFolders) {
  std::vector<std::string> folders;
  for (const auto& entry : std::filesystem::directory_iterator(ZooFolder(""))) {
    if (std::filesystem::exists(entry.path() / "config.json")) folders.push_back(entry.path().filename());
  }
  EXPECT_THAT(ZooNames(), ::testing::UnorderedElementsAreArray(folders));
}

class ZooTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ZooTest, AgreesWithTransformersAndLeavesNoTensorUnread) {
  const OpenedModel opened(ZooFolder(GetParam()));
  ASSERT_NE(opened.weights, nullptr);
  ASSERT_OK_AND_ASSIGN(const WeightSummary summary, CheckWeights(*opened.model, *opened.weights));
  EXPECT_OK(summary.head);
  const testing::TensorFile expected(ZooFolder(GetParam()) + "/expected.safetensors");
  for (const std::string prompt : {"prompt_0", "prompt_1"}) {
    SCOPED_TRACE(prompt);
    const std::vector<int64_t> ids = expected.Integers(prompt + ".input_ids");
    const PackedLayout layout{{{1, static_cast<int64_t>(ids.size())}}};
    const at::Tensor blocks = ToTensor(expected, prompt + ".block_outputs");
    ASSERT_EQ(blocks.size(0), opened.model->layers());
    ASSERT_OK_AND_ASSIGN(const auto embedding, opened.model->LoadEmbedding(*opened.weights));
    at::Tensor residual = embedding->Forward(at::tensor(ids, at::kLong), layout);
    for (int64_t layer = 0; layer < opened.model->layers(); ++layer) {
      ASSERT_OK_AND_ASSIGN(const auto block, opened.model->LoadBlock(*opened.weights, layer));
      residual = block->Forward(residual, layout, nullptr);
      EXPECT_LT(RelativeError(LastTokenRows(residual, layout)[0], blocks[layer]), kTolerance)
          << "layer " << layer;
    }
    ASSERT_OK_AND_ASSIGN(const auto head, opened.model->LoadHead(*opened.weights));
    EXPECT_LT(RelativeError(head->Forward(residual)[ids.size() - 1], ToTensor(expected, prompt + ".logits")),
              kTolerance);
  }
  EXPECT_THAT(opened.weights->Leftovers(), ::testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Published, ZooTest, ::testing::ValuesIn(ZooNames()),
                         [](const ::testing::TestParamInfo<std::string>& info) {
                           std::string name = info.param;
                           std::replace_if(
                               name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; },
                               '_');
                           return name;
                         });

}  // namespace
}  // namespace probesweep::worker
