// Every architecture against what transformers computes.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/worker/model/golden_model.h"
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
      residual = block->Forward(residual, layout);
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
  const at::Tensor all = LastTokenRows(block->Forward(residual, layout), layout);
  EXPECT_LT(RelativeError(block->ForwardLastTokens(residual, layout), all), kTolerance);
}

TEST_P(GoldenModelTest, AStatementDoesNotSeeItsNeighbours) {
  at::manual_seed(4);
  const at::Tensor residual = at::randn({13, opened_.model->hidden_size()});
  ASSERT_OK_AND_ASSIGN(const auto block, opened_.model->LoadBlock(*opened_.weights, 0));
  const at::Tensor together = block->Forward(residual, {{{1, 3}, {2, 5}}});
  const at::Tensor alone = block->Forward(residual.narrow(0, 3, 5), {{{1, 5}}});
  EXPECT_LT(RelativeError(together.narrow(0, 3, 5), alone), kTolerance);
}

INSTANTIATE_TEST_SUITE_P(Models, GoldenModelTest, ::testing::ValuesIn(GoldenCases()),
                         [](const ::testing::TestParamInfo<GoldenCase>& info) {
                           return info.param.model + (info.param.config == "config.json" ? "_old" : "_new");
                         });

}  // namespace
}  // namespace probesweep::worker
