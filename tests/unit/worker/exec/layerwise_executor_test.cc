#include "worker/exec/layerwise_executor.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/worker/model/golden_model.h"

namespace probesweep::worker {
namespace {

using Statements = std::vector<std::vector<int64_t>>;

bool Never() { return false; }

// 40 statements of 1 to 13 tokens, among them two pairs of equal ones.
Statements Samples() {
  Statements statements;
  for (int64_t i = 0; i < 38; ++i) {
    std::vector<int64_t> ids;
    for (int64_t token = 0; token <= i % 13; ++token) ids.push_back((17 * i + 31 * token * token) % 96);
    statements.push_back(ids);
  }
  statements.push_back(statements[20]);
  statements.push_back(statements[3]);
  return statements;
}

struct RunOptions {
  int64_t chunk_tokens = kChunkTokens;
  int threads = 1;
  LastBlockRows rows = LastBlockRows::kLastTokens;
};

// The representations after each layer, or the first error.
absl::StatusOr<std::vector<at::Tensor>> RunLayers(const std::string& folder, const Statements& statements,
                                                  const RunOptions& options) {
  const OpenedModel opened(folder);
  ComputePool pool(options.threads);
  auto executor = LayerwiseExecutor::Start(
      *opened.model, *opened.weights, {BuildPack(statements, options.chunk_tokens)}, options.rows, &pool);
  if (!executor.ok()) return executor.status();
  std::vector<at::Tensor> layers;
  for (int64_t layer = 0; layer < opened.model->layers(); ++layer) {
    absl::Status status = (*executor)->LoadNextBlock();
    if (status.ok()) status = (*executor)->RunBlock(Never);
    if (!status.ok()) return status;
    EXPECT_EQ((*executor)->layer(), layer);
    layers.push_back((*executor)->Representations(0).clone());
  }
  return layers;
}

class ExecutorGoldenTest : public ::testing::TestWithParam<GoldenCase> {};

TEST_P(ExecutorGoldenTest, RepresentationsAreThoseOfTransformers) {
  const testing::CheckpointCopy checkpoint(GetParam().model, GetParam().config);
  const testing::TensorFile expected(testing::GoldenFolder(GetParam().model) + "/expected.safetensors");
  const Statements prompts = GoldenPrompts(expected);
  for (const int64_t chunk_tokens : {int64_t{1}, int64_t{20}, kChunkTokens}) {
    ASSERT_OK_AND_ASSIGN(const auto layers, RunLayers(checkpoint.path(), prompts, {chunk_tokens, 2}));
    for (size_t i = 0; i < prompts.size(); ++i) {
      const at::Tensor blocks = ToTensor(expected, "prompt_" + std::to_string(i) + ".block_outputs");
      ASSERT_EQ(static_cast<int64_t>(layers.size()), blocks.size(0));
      for (int64_t layer = 0; layer < blocks.size(0); ++layer) {
        const at::Tensor row = layers[static_cast<size_t>(layer)][static_cast<int64_t>(i)];
        EXPECT_LT(RelativeError(row, blocks[layer][-1]), 1e-5) << "prompt " << i << ", layer " << layer;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, ExecutorGoldenTest, ::testing::ValuesIn(GoldenCases()));

TEST(LayerwiseExecutorTest, ChunkSizesAgree) {
  const testing::CheckpointCopy checkpoint;
  ASSERT_OK_AND_ASSIGN(const auto whole, RunLayers(checkpoint.path(), Samples(), {kChunkTokens}));
  for (const int64_t chunk_tokens : {1, 13, 50, 100}) {
    ASSERT_OK_AND_ASSIGN(const auto layers, RunLayers(checkpoint.path(), Samples(), {chunk_tokens}));
    for (size_t i = 0; i < layers.size(); ++i) EXPECT_LT(RelativeError(layers[i], whole[i]), 1e-5);
  }
}

TEST(LayerwiseExecutorTest, TheSameInputGivesTheSameBitsOnAnyNumberOfThreads) {
  const testing::CheckpointCopy checkpoint;
  ASSERT_OK_AND_ASSIGN(const auto one, RunLayers(checkpoint.path(), Samples(), {50, 1}));
  for (const int threads : {1, 2, 4}) {
    ASSERT_OK_AND_ASSIGN(const auto many, RunLayers(checkpoint.path(), Samples(), {50, threads}));
    for (size_t i = 0; i < one.size(); ++i) EXPECT_TRUE(many[i].equal(one[i])) << threads << " threads";
  }
}

TEST(LayerwiseExecutorTest, TheLastBlockMayBeComputedForLastTokensOnly) {
  const testing::CheckpointCopy checkpoint;
  ASSERT_OK_AND_ASSIGN(const auto last, RunLayers(checkpoint.path(), Samples(), {50, 2}));
  ASSERT_OK_AND_ASSIGN(const auto all, RunLayers(checkpoint.path(), Samples(), {50, 2, LastBlockRows::kAll}));
  EXPECT_TRUE(last[0].equal(all[0]));
  EXPECT_TRUE(last[1].equal(all[1]));
  EXPECT_LT(RelativeError(last[2], all[2]), 1e-5);
}

TEST(LayerwiseExecutorTest, StatementsKeepTheirOrderAndEqualOnesAreEqual) {
  const testing::CheckpointCopy checkpoint;
  ASSERT_OK_AND_ASSIGN(const auto together, RunLayers(checkpoint.path(), Samples(), {}));
  EXPECT_TRUE(together[2][38].equal(together[2][20]));
  EXPECT_TRUE(together[2][39].equal(together[2][3]));
  for (const size_t i : {0u, 12u, 25u, 37u}) {
    ASSERT_OK_AND_ASSIGN(const auto alone, RunLayers(checkpoint.path(), {Samples()[i]}, {}));
    EXPECT_LT(RelativeError(together[2][static_cast<int64_t>(i)], alone[2][0]), 1e-5) << i;
  }
}

TEST(LayerwiseExecutorTest, PacksDoNotTouchEachOther) {
  const testing::CheckpointCopy checkpoint;
  const OpenedModel opened(checkpoint.path());
  const Statements first = Samples(), second = {{1, 2, 3}, {4}};
  ASSERT_OK_AND_ASSIGN(const auto alone, RunLayers(checkpoint.path(), second, {}));
  ComputePool pool(2);
  ASSERT_OK_AND_ASSIGN(const auto executor,
                       LayerwiseExecutor::Start(*opened.model, *opened.weights,
                                                {BuildPack(first, 50), BuildPack(second, kChunkTokens)},
                                                LastBlockRows::kLastTokens, &pool));
  for (size_t layer = 0; layer < 3; ++layer) {
    ASSERT_OK(executor->LoadNextBlock());
    ASSERT_OK(executor->RunBlock(Never));
    EXPECT_TRUE(executor->Representations(1).equal(alone[layer]));
  }
  EXPECT_GT(executor->busy(), absl::ZeroDuration());
}

TEST(LayerwiseExecutorTest, NamesLayerAndTensorOfAWeightThatIsNotFinite) {
  for (const float value : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    const testing::CheckpointCopy checkpoint;
    checkpoint.SetWeight("gpt_neox.layers.1.mlp.dense_4h_to_h.weight", 5, value);
    EXPECT_STATUS(RunLayers(checkpoint.path(), Samples(), {}), kDataLoss, "layer 1",
                  "'gpt_neox.layers.1.mlp.dense_4h_to_h.weight'", "NaN or Inf");
  }
}

TEST(LayerwiseExecutorTest, NoticesNaNInTheLastBlockWhoseResidualIsNotKept) {
  const testing::CheckpointCopy checkpoint;
  checkpoint.SetWeight("gpt_neox.layers.2.attention.dense.bias", 0, std::nanf(""));
  EXPECT_STATUS(RunLayers(checkpoint.path(), Samples(), {}), kDataLoss, "layer 2",
                "'gpt_neox.layers.2.attention.dense.bias'");
}

TEST(LayerwiseExecutorTest, SaysSoWhenTheBlocksOwnWeightsAreFinite) {
  const testing::CheckpointCopy checkpoint;
  checkpoint.SetWeight("gpt_neox.embed_in.weight", 0, std::nanf(""));  // token 0
  EXPECT_STATUS(RunLayers(checkpoint.path(), {{0, 1}}, {}), kDataLoss, "layer 0", "gpt_neox.layers.0.",
                "earlier");
  EXPECT_OK(RunLayers(checkpoint.path(), {{1, 2}}, {}));
}

TEST(LayerwiseExecutorTest, RefusesATokenThatTheModelDoesNotHave) {
  const testing::CheckpointCopy checkpoint;
  EXPECT_OK(RunLayers(checkpoint.path(), {{95}}, {}));
  EXPECT_STATUS(RunLayers(checkpoint.path(), {{1}, {2, 96, 3}}, {}), kInvalidArgument, "id 96", "96 tokens",
                "tokenizer.json");
}

TEST(LayerwiseExecutorTest, RefusesAStatementBeyondTheLearnedPositions) {
  for (const char* model : {"gpt2", "opt"}) {
    SCOPED_TRACE(model);
    const testing::CheckpointCopy checkpoint(model);
    const std::vector<int64_t> fits(64, 7), too_long(65, 7);
    EXPECT_OK(RunLayers(checkpoint.path(), {fits, {1}}, {}));
    EXPECT_STATUS(RunLayers(checkpoint.path(), {fits, too_long, {1}}, {}), kInvalidArgument, "statement 2",
                  "65 tokens", "learned 64");
  }
  const testing::CheckpointCopy unlimited("bloom");
  EXPECT_OK(RunLayers(unlimited.path(), {std::vector<int64_t>(200, 7)}, {}));
}

TEST(LayerwiseExecutorTest, NamesADamagedTensorUnderAnyOfItsModelsPrefixes) {
  const std::pair<const char*, const char*> cases[] = {
      {"gpt2", "transformer.h.1.attn.c_attn.bias"},
      {"bloom_six_heads", "h.1.mlp.dense_h_to_4h.bias"},
      {"opt", "model.decoder.layers.1.fc1.bias"},
      {"opt_post_norm", "decoder.layers.1.fc1.bias"},
  };
  for (const auto& [model, tensor] : cases) {
    const testing::CheckpointCopy checkpoint(model);
    checkpoint.SetWeight(tensor, 0, std::nanf(""));
    EXPECT_STATUS(RunLayers(checkpoint.path(), {{1, 2, 3}}, {}), kDataLoss, "layer 1", tensor);
  }
}

TEST(LayerwiseExecutorTest, NamesTheTensorThatIsMissing) {
  const testing::CheckpointCopy checkpoint;
  checkpoint.SetConfig("num_hidden_layers", 4);
  EXPECT_STATUS(RunLayers(checkpoint.path(), Samples(), {}), kDataLoss, "gpt_neox.layers.3.");
}

// A model of one block that does not end before it is told to.
class EndlessModel : public Model {
 public:
  explicit EndlessModel(absl::Notification* end) : end_(end) {}
  int64_t layers() const override { return 1; }
  int64_t hidden_size() const override { return 1; }
  int64_t vocab_size() const override { return 9; }
  std::string BlockPrefix(int64_t) const override { return ""; }
  absl::StatusOr<std::unique_ptr<Embedding>> LoadEmbedding(WeightSource&) const override {
    return std::make_unique<Zeros>();
  }
  absl::StatusOr<std::unique_ptr<Block>> LoadBlock(WeightSource&, int64_t) const override {
    return std::make_unique<Endless>(end_);
  }
  absl::StatusOr<std::unique_ptr<Head>> LoadHead(WeightSource&) const override {
    return absl::UnimplementedError("has no head");
  }

 private:
  struct Zeros : Embedding {
    at::Tensor Forward(const at::Tensor& ids, const PackedLayout&) const override {
      return at::zeros({ids.size(0), 1});
    }
  };
  struct Endless : Block {
    explicit Endless(absl::Notification* end) : end(end) {}
    at::Tensor Forward(const at::Tensor& residual, const PackedLayout&, KeyValueCache*) const override {
      end->WaitForNotification();
      return residual;
    }
    at::Tensor ForwardLastTokens(const at::Tensor& residual, const PackedLayout& layout) const override {
      return Forward(residual, layout, nullptr).narrow(0, 0, layout.statements());
    }
    absl::Notification* end;
  };

  absl::Notification* const end_;
};

TEST(LayerwiseExecutorTest, EndsCancelledInTheMiddleOfABlock) {
  absl::Notification end;
  const EndlessModel model(&end);
  const testing::CheckpointCopy checkpoint;
  const OpenedModel opened(checkpoint.path());
  ComputePool pool(1);
  ASSERT_OK_AND_ASSIGN(const auto executor,
                       LayerwiseExecutor::Start(model, *opened.weights, {BuildPack({{1}, {2, 3}}, 1)},
                                                LastBlockRows::kLastTokens, &pool));
  ASSERT_OK(executor->LoadNextBlock());
  EXPECT_STATUS(executor->RunBlock([&end] {
    end.Notify();
    return true;
  }),
                kCancelled, "cancelled");
}

}  // namespace
}  // namespace probesweep::worker
