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
#include "worker/checkpoint/config_file.h"
#include "worker/checkpoint/weight_source.h"
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
    auto opened = OpenWeights(folder);
    EXPECT_TRUE(created.ok()) << created.status();
    EXPECT_TRUE(opened.ok()) << opened.status();
    if (created.ok()) model = *std::move(created);
    if (opened.ok()) weights = *std::move(opened);
  }

  std::unique_ptr<Model> model;
  std::unique_ptr<WeightSource> weights;
};

struct GoldenCase {
  const char* model;
  const char* config;
};
inline void PrintTo(const GoldenCase& c, std::ostream* out) { *out << c.model << ", " << c.config; }
inline constexpr GoldenCase kGoldenCases[] = {
    {"gpt_neox", "config.json"},
    {"gpt_neox", "config.v5.json"},
    {"gpt_neox_sequential", "config.json"},
    {"gpt_neox_sequential", "config.v5.json"},
    {"gpt2", "config.json"},
    {"gpt2", "config.v5.json"},
    {"gpt2_scaled", "config.json"},
    {"gpt2_scaled", "config.v5.json"},
    {"opt", "config.json"},
    {"opt", "config.v5.json"},
    {"opt_post_norm", "config.json"},
    {"opt_post_norm", "config.v5.json"},
    {"opt_bare", "config.json"},
    {"opt_bare", "config.v5.json"},
    {"bloom", "config.json"},
    {"bloom", "config.v5.json"},
    {"bloom_six_heads", "config.json"},
    {"bloom_six_heads", "config.v5.json"},
};

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
