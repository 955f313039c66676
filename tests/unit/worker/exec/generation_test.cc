#include "worker/exec/generation.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/worker/model/golden_model.h"

namespace probesweep::worker {
namespace {

using ::testing::ElementsAre;
using Prompts = std::vector<std::vector<int64_t>>;

// A model, loaded, and cores.
class Generator {
 public:
  explicit Generator(const std::string& folder) : opened_(folder) {
    auto loaded = ResidentExecutor::Load(*opened_.model, *opened_.weights);
    EXPECT_OK(loaded);
    if (loaded.ok()) executor_ = *std::move(loaded);
  }

  // The prompts with their continuations.
  absl::StatusOr<Prompts> Continue(const Prompts& prompts, const GenerationOptions& options) {
    Prompts result;
    const absl::Status status = ContinuePrompts(*executor_, prompts, options, &pool_,
                                                [&](size_t prompt, const std::vector<int64_t>& ids) {
                                                  EXPECT_EQ(prompt, result.size()) << "not in order";
                                                  result.push_back(ids);
                                                  return absl::OkStatus();
                                                });
    if (!status.ok()) return status;
    return result;
  }

  const Model& model() const { return *opened_.model; }

 private:
  const OpenedModel opened_;
  std::unique_ptr<ResidentExecutor> executor_;
  ComputePool pool_{2};
};

GenerationOptions NewTokens(int64_t count) {
  GenerationOptions options;
  options.max_new_tokens = count;
  return options;
}

class GoldenGenerationTest : public ::testing::TestWithParam<GoldenCase> {};

TEST_P(GoldenGenerationTest, ContinuesAsTransformersDoesPlainAndSteered) {
  const testing::CheckpointCopy checkpoint(GetParam().model, GetParam().config);
  const testing::TensorFile expected(testing::GoldenFolder(GetParam().model) + "/expected.safetensors");
  Generator generator(checkpoint.path());
  const std::vector<int64_t> prompt = expected.Integers("prompt_3.input_ids");
  GenerationOptions options = NewTokens(12);
  ASSERT_OK_AND_ASSIGN(const Prompts plain, generator.Continue({prompt}, options));
  EXPECT_THAT(plain, ElementsAre(expected.Integers("greedy.plain")));
  options.steering = {{1, expected.Floats("steering.vector"), 3.0, SteerPositions::kLast}};
  ASSERT_OK_AND_ASSIGN(const Prompts steered, generator.Continue({prompt}, options));
  EXPECT_THAT(steered, ElementsAre(expected.Integers("greedy.steered")));
}

std::string NameOf(const ::testing::TestParamInfo<GoldenCase>& info) {
  return info.param.model + (info.param.config == "config.json" ? "_old" : "_new");
}

INSTANTIATE_TEST_SUITE_P(Models, GoldenGenerationTest, ::testing::ValuesIn(GoldenCases()), NameOf);

class BatchGenerationTest : public ::testing::TestWithParam<GoldenCase> {};

// What a cache and a batch change but for rounding: nothing. Prompts within the 16 positions beyond which the
// rotations of llama_dynamic depend on the length.
TEST_P(BatchGenerationTest, ABatchIsContinuedAsEachPromptAlone) {
  const testing::CheckpointCopy checkpoint(GetParam().model, GetParam().config);
  Generator generator(checkpoint.path());
  const Prompts prompts = {{5, 6, 7, 8, 9}, {90}, {3, 1}, {4, 4, 4, 4, 4, 4, 4, 4}, {7, 8}, {1, 2, 3, 4, 5}};
  GenerationOptions options = NewTokens(6);
  options.batch = 6;
  ASSERT_OK_AND_ASSIGN(const Prompts together, generator.Continue(prompts, options));
  options.batch = 1;
  ASSERT_OK_AND_ASSIGN(const Prompts alone, generator.Continue(prompts, options));
  EXPECT_EQ(together, alone);
}

INSTANTIATE_TEST_SUITE_P(Models, BatchGenerationTest, ::testing::ValuesIn(GoldenCases()), NameOf);

class DemoGenerationTest : public ::testing::Test {
 protected:
  DemoGenerationTest() {
    const auto text = ReadFile(testing::SourceDir() + "/tests/generation/demo.json");
    EXPECT_OK(text);
    if (text.ok()) golden_ = nlohmann::json::parse(*text);
    prompts_ = golden_["prompts"].get<Prompts>();
    generator_ =
        std::make_unique<Generator>(testing::SourceDir() + "/" + golden_["checkpoint"].get<std::string>());
    options_.max_new_tokens = golden_["new_tokens"];
  }

  std::vector<Steering> SteeringOf(const std::string& name) const {
    std::vector<Steering> steerings;
    for (const nlohmann::json& one : golden_["steerings"][name]) {
      const bool last = one["positions"] == "last";
      steerings.push_back({one["layer"], golden_["vector"], one["alpha"],
                           last ? SteerPositions::kLast : SteerPositions::kAll});
    }
    return steerings;
  }

  nlohmann::json golden_;
  Prompts prompts_;
  std::unique_ptr<Generator> generator_;
  GenerationOptions options_;
};

TEST_F(DemoGenerationTest, IsThatOfTransformersPlainAndSteered) {
  ASSERT_EQ(prompts_.size(), 20u);
  options_.stop_ids = {0};
  for (const char* name : {"plain", "steered_last", "steered_all"}) {
    SCOPED_TRACE(name);
    options_.steering = SteeringOf(name);
    ASSERT_OK_AND_ASSIGN(const Prompts continued, generator_->Continue(prompts_, options_));
    EXPECT_EQ(continued, golden_[name].get<Prompts>());
  }
}

TEST_F(DemoGenerationTest, DrawsDoNotDependOnTheBatch) {
  options_.sampling.temperature = 1;
  options_.sampling.top_k = 40;
  options_.sampling.top_p = 0.95;
  options_.sampling.seed = 9;
  ASSERT_OK_AND_ASSIGN(const Prompts some, generator_->Continue(prompts_, options_));
  options_.batch = 3;
  ASSERT_OK_AND_ASSIGN(const Prompts others, generator_->Continue(prompts_, options_));
  EXPECT_EQ(some, others);
  options_.sampling.seed = 10;
  ASSERT_OK_AND_ASSIGN(const Prompts another, generator_->Continue(prompts_, options_));
  EXPECT_NE(some, another);
  // Of equal prompts each has draws of its own.
  ASSERT_OK_AND_ASSIGN(const Prompts equal, generator_->Continue({{7, 8}, {7, 8}}, options_));
  EXPECT_NE(equal[0], equal[1]);
}

// Prompts end at different steps, and those that go on are not disturbed.
TEST_F(DemoGenerationTest, EndsBehindAStopToken) {
  ASSERT_OK_AND_ASSIGN(const Prompts whole, generator_->Continue(prompts_, options_));
  std::map<int64_t, int> counts;
  for (size_t i = 0; i < whole.size(); ++i) {
    for (size_t place = prompts_[i].size(); place < whole[i].size(); ++place) ++counts[whole[i][place]];
  }
  options_.stop_ids = {-1};
  for (const auto& [token, count] : counts) {
    if (count >= 5 && count <= 30) options_.stop_ids.push_back(token);
  }
  ASSERT_OK_AND_ASSIGN(const Prompts stopped, generator_->Continue(prompts_, options_));
  int ended = 0;
  for (size_t i = 0; i < whole.size(); ++i) {
    std::vector<int64_t> expected = prompts_[i];
    for (size_t place = prompts_[i].size(); place < whole[i].size(); ++place) {
      expected.push_back(whole[i][place]);
      if (absl::c_linear_search(options_.stop_ids, whole[i][place])) break;
    }
    EXPECT_EQ(stopped[i], expected);
    if (expected.size() < whole[i].size()) ++ended;
  }
  EXPECT_GT(ended, 5);
}

TEST_F(DemoGenerationTest, AnErrorOfTheReceiverEndsTheWork) {
  ComputePool pool(2);
  const OpenedModel opened(testing::SourceDir() + "/" + golden_["checkpoint"].get<std::string>());
  ASSERT_OK_AND_ASSIGN(const auto executor, ResidentExecutor::Load(*opened.model, *opened.weights));
  int calls = 0;
  const absl::Status status =
      ContinuePrompts(*executor, prompts_, options_, &pool, [&](size_t, const std::vector<int64_t>&) {
        return ++calls < 2 ? absl::OkStatus() : absl::UnknownError("full");
      });
  EXPECT_STATUS(status, kUnknown, "full");
  EXPECT_EQ(calls, 2);
}

TEST(ContinuePromptsTest, RefusesBeforeItBegins) {
  const testing::CheckpointCopy learned("opt_bare");  // 32 positions
  Generator generator(learned.path());
  const std::vector<int64_t> longest(21, 5);
  EXPECT_OK(generator.Continue({longest}, NewTokens(12)));  // the last new token has no position
  EXPECT_STATUS(generator.Continue({{1}, longest}, NewTokens(13)), kInvalidArgument, "prompt 2",
                "21 tokens and 13", "33 positions", "learned 32");
  EXPECT_STATUS(generator.Continue({longest}, NewTokens(std::numeric_limits<int64_t>::max())),
                kInvalidArgument, "prompt 1", "learned 32");
  EXPECT_STATUS(generator.Continue({{1}, {}}, NewTokens(1)), kInvalidArgument, "prompt 2", "no tokens");
  EXPECT_STATUS(generator.Continue({{1, 96}}, NewTokens(1)), kInvalidArgument, "prompt 1", "id 96");
  EXPECT_STATUS(generator.Continue({{-1}}, NewTokens(1)), kInvalidArgument, "prompt 1", "id -1");
  EXPECT_STATUS(generator.Continue({{1}}, NewTokens(0)), kInvalidArgument, "new tokens");
  GenerationOptions options = NewTokens(1);
  options.batch = 0;
  EXPECT_STATUS(generator.Continue({{1}}, options), kInvalidArgument, "batch");
  options = NewTokens(1);
  options.sampling.top_p = 2;
  EXPECT_STATUS(generator.Continue({{1}}, options), kInvalidArgument, "top-p");
  options = NewTokens(1);
  options.steering = {{9, std::vector<float>(24)}};
  EXPECT_STATUS(generator.Continue({{1}}, options), kInvalidArgument, "layer 9");
}

// Two that are more tokens than a batch takes.
TEST(ContinuePromptsTest, LongPromptsDoNotDisturbOneAnother) {
  const testing::CheckpointCopy checkpoint("llama");
  Generator generator(checkpoint.path());
  const Prompts prompts = {{1, 2}, std::vector<int64_t>(2100, 3), std::vector<int64_t>(2000, 4), {5, 6}};
  GenerationOptions options = NewTokens(2);
  ASSERT_OK_AND_ASSIGN(const Prompts together, generator.Continue(prompts, options));
  options.batch = 1;
  ASSERT_OK_AND_ASSIGN(const Prompts alone, generator.Continue(prompts, options));
  EXPECT_EQ(together, alone);
}

}  // namespace
}  // namespace probesweep::worker
