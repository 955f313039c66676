// Every architecture against what transformers computes.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/worker/model/golden_model.h"
#include "worker/model/key_value_cache.h"
#include "worker/model/last_tokens.h"

namespace probesweep::worker {
namespace {

// fp32 on another machine's products: a wrong formula is off by far more.
constexpr double kTolerance = 1e-5;

at::Tensor Ids(const std::vector<int64_t>& ids) { return at::tensor(ids, at::kLong); }

class GoldenModelTest : public ::testing::TestWithParam<GoldenCase> {
 protected:
  GoldenModelTest()
      : checkpoint_(GetParam().model, GetParam().config),
        opened_(checkpoint_.path()),
        expected_(testing::GoldenFolder(GetParam().model) + "/expected.safetensors") {}

  const testing::CheckpointCopy checkpoint_;
  const OpenedModel opened_;
  const testing::TensorFile expected_;
};

TEST_P(GoldenModelTest, EveryBlockAndTheLogitsAreThoseOfTransformers) {
  const std::vector<std::vector<int64_t>> prompts = GoldenPrompts(expected_);
  for (size_t i = 0; i < prompts.size(); ++i) {
    const std::string name = "prompt_" + std::to_string(i);
    SCOPED_TRACE(name);
    const PackedLayout layout{{{1, static_cast<int64_t>(prompts[i].size())}}};
    const at::Tensor blocks = ToTensor(expected_, name + ".block_outputs");
    ASSERT_OK_AND_ASSIGN(const auto embedding, opened_.model->LoadEmbedding(*opened_.weights));
    at::Tensor residual = embedding->Forward(Ids(prompts[i]), layout);
    for (int64_t layer = 0; layer < opened_.model->layers(); ++layer) {
      ASSERT_OK_AND_ASSIGN(const auto block, opened_.model->LoadBlock(*opened_.weights, layer));
      residual = block->Forward(residual, layout, nullptr);
      EXPECT_LT(RelativeError(residual, blocks[layer]), kTolerance) << "layer " << layer;
    }
    ASSERT_OK_AND_ASSIGN(const auto head, opened_.model->LoadHead(*opened_.weights));
    EXPECT_LT(RelativeError(head->Forward(residual), ToTensor(expected_, name + ".logits")), kTolerance);
  }
}

// Beyond the windows and the positions of the goldens too.
TEST_P(GoldenModelTest, ForwardLastTokensGivesTheLastRowsOfForward) {
  const PackedLayout layout{{{1, 1}, {3, 4}, {2, 9}, {1, 20}}};
  at::manual_seed(3);
  const at::Tensor residual = at::randn({layout.tokens(), opened_.model->hidden_size()});
  ASSERT_OK_AND_ASSIGN(const auto block, opened_.model->LoadBlock(*opened_.weights, 1));
  const at::Tensor all = LastTokenRows(block->Forward(residual, layout, nullptr), layout);
  EXPECT_LT(RelativeError(block->ForwardLastTokens(residual, layout), all), kTolerance);
}

TEST_P(GoldenModelTest, AStatementDoesNotSeeItsNeighbours) {
  at::manual_seed(4);
  const at::Tensor residual = at::randn({13, opened_.model->hidden_size()});
  ASSERT_OK_AND_ASSIGN(const auto block, opened_.model->LoadBlock(*opened_.weights, 0));
  const at::Tensor together = block->Forward(residual, {{{1, 3}, {2, 5}}}, nullptr);
  const at::Tensor alone = block->Forward(residual.narrow(0, 3, 5), {{{1, 5}}}, nullptr);
  EXPECT_LT(RelativeError(together.narrow(0, 3, 5), alone), kTolerance);
}

// Two statements, whose next tokens come in pieces of different lengths. No longer than the 16 positions
// beyond which the rotations of llama_dynamic depend on the length.
TEST_P(GoldenModelTest, AStatementContinuedThroughACacheIsTheWholeStatement) {
  at::manual_seed(5);
  const at::Tensor one = at::randn({16, opened_.model->hidden_size()});
  const at::Tensor other = at::randn({9, opened_.model->hidden_size()});
  ASSERT_OK_AND_ASSIGN(const auto block, opened_.model->LoadBlock(*opened_.weights, 1));
  KeyValueCache cache(2);
  const auto next = [&](LengthRun of_one, LengthRun of_other) {
    const at::Tensor rows = at::cat(
        {one.narrow(0, of_one.start, of_one.length), other.narrow(0, of_other.start, of_other.length)});
    return block->Forward(rows, {{of_one, of_other}}, &cache);
  };
  const at::Tensor prompts = next({1, 9, 0}, {1, 4, 0});
  const at::Tensor token = next({1, 1, 9}, {1, 1, 4});
  const at::Tensor rest = next({1, 6, 10}, {1, 4, 5});

  const at::Tensor whole = block->Forward(at::cat({one, other}), {{{1, 16}, {1, 9}}}, nullptr);
  const auto rows = [](const at::Tensor& x, int64_t first, int64_t count) {
    return x.narrow(0, first, count);
  };
  const at::Tensor of_one = at::cat({rows(prompts, 0, 9), rows(token, 0, 1), rows(rest, 0, 6)});
  const at::Tensor of_other = at::cat({rows(prompts, 9, 4), rows(token, 1, 1), rows(rest, 6, 4)});
  EXPECT_LT(RelativeError(at::cat({of_one, of_other}), whole), kTolerance);
}

// Learned positions too.
TEST_P(GoldenModelTest, TheEmbeddingOfALaterTokenIsThatOfItsPosition) {
  const at::Tensor ids = at::arange(3, 12, at::kLong);
  ASSERT_OK_AND_ASSIGN(const auto embedding, opened_.model->LoadEmbedding(*opened_.weights));
  const at::Tensor whole = embedding->Forward(ids, {{{1, 9}}});
  const at::Tensor later = embedding->Forward(ids.narrow(0, 6, 3), {{{1, 3, 6}}});
  EXPECT_LT(RelativeError(later, whole.narrow(0, 6, 3)), kTolerance);
}

INSTANTIATE_TEST_SUITE_P(Models, GoldenModelTest, ::testing::ValuesIn(GoldenCases()),
                         [](const ::testing::TestParamInfo<GoldenCase>& info) {
                           return info.param.model + (info.param.config == "config.json" ? "_old" : "_new");
                         });

}  // namespace
}  // namespace probesweep::worker
