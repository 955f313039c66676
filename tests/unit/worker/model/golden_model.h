// A golden checkpoint, opened, with what it must compute.
#ifndef PROBESWEEP_TESTS_UNIT_WORKER_MODEL_GOLDEN_MODEL_H_
#define PROBESWEEP_TESTS_UNIT_WORKER_MODEL_GOLDEN_MODEL_H_

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "tests/golden/checkpoint_copy.h"
#include "tests/golden/tensor_file.h"
#include "worker/checkpoint/checkpoint_weights.h"
#include "worker/checkpoint/config_file.h"
#include "worker/model/model.h"

namespace probesweep::worker {

// The largest difference of two tensors, relative to the root mean square of `expected`.
inline double RelativeError(const at::Tensor& actual, const at::Tensor& expected) {
  EXPECT_EQ(actual.sizes(), expected.sizes());
  if (actual.sizes() != expected.sizes()) return 1;
  const at::Tensor wide = expected.to(at::kDouble);
  const double scale = wide.square().mean().sqrt().item<double>();
  return (actual.to(at::kDouble) - wide).abs().max().item<double>() / scale;
}

inline at::Tensor ToTensor(const testing::TensorFile& file, const std::string& name) {
  return at::tensor(file.Floats(name)).view(file.Shape(name));
}

struct OpenedModel {
  // A folder that cannot be opened fails the test.
  explicit OpenedModel(const std::string& folder) {
    auto config = ConfigFile::Open(folder);
    EXPECT_TRUE(config.ok()) << config.status();
    if (!config.ok()) return;
    auto created = CreateModel(*config);
    EXPECT_TRUE(created.ok()) << created.status();
    if (!created.ok()) return;
    model = *std::move(created);
    auto opened = OpenWeights(folder, model->Naming());
    EXPECT_TRUE(opened.ok()) << opened.status();
    if (opened.ok()) weights = *std::move(opened);
  }

  std::unique_ptr<Model> model;
  std::unique_ptr<CheckpointWeights> weights;
};

struct GoldenCase {
  std::string model;
  std::string config;
};
inline void PrintTo(const GoldenCase& c, std::ostream* out) { *out << c.model << ", " << c.config; }
// Every model under tests/golden/, by both of its configurations.
inline std::vector<GoldenCase> GoldenCases() {
  std::vector<GoldenCase> cases;
  for (const char* model : {"bloom",
                            "bloom_six_heads",
                            "falcon",
                            "falcon_alibi",
                            "falcon_grouped",
                            "falcon_one_norm",
                            "gemma",
                            "gemma_untied",
                            "gpt2",
                            "gpt2_scaled",
                            "gpt_neox",
                            "gpt_neox_odd",
                            "gpt_neox_sequential",
                            "gpt_neox_yarn",
                            "hf_olmo",
                            "hf_olmo_biased",
                            "hf_olmo_rms",
                            "llama",
                            "llama_dynamic",
                            "llama_gqa_scaled",
                            "llama_linear",
                            "llama_yarn",
                            "mistral",
                            "mistral_full",
                            "mixtral",
                            "mixtral_stacked",
                            "olmo",
                            "olmo2",
                            "olmoe",
                            "olmoe_stacked",
                            "opt",
                            "opt_bare",
                            "opt_post_norm",
                            "phi",
                            "phi_normed",
                            "qwen2",
                            "qwen3",
                            "stablelm",
                            "stablelm_parallel"}) {
    for (const char* config : {"config.json", "config.v5.json"}) cases.push_back({model, config});
  }
  return cases;
}

// The prompts' ids, in order.
inline std::vector<std::vector<int64_t>> GoldenPrompts(const testing::TensorFile& expected) {
  std::vector<std::vector<int64_t>> prompts;
  for (int i = 0; expected.Has("prompt_" + std::to_string(i) + ".input_ids"); ++i) {
    prompts.push_back(expected.Integers("prompt_" + std::to_string(i) + ".input_ids"));
  }
  EXPECT_EQ(prompts.size(), 6u);
  return prompts;
}

}  // namespace probesweep::worker

#endif  // PROBESWEEP_TESTS_UNIT_WORKER_MODEL_GOLDEN_MODEL_H_
