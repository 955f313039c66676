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

// Of a model as narrow as these.
constexpr int64_t kChunkRows = 4096;

bool Never() { return false; }

// 40 statements of 1 to 13 tokens, among them two pairs of equal ones. Many share prefixes with others, and
// some are prefixes of others.
Statements Samples() {
  Statements statements;
  for (int64_t i = 0; i < 38; ++i) {
    std::vector<int64_t> ids;
    for (int64_t token = 0; token <= i % 13; ++token) ids.push_back((17 * (i % 5) + 31 * token * token) % 96);
    if (i % 3 == 0) ids.back() = i;
    statements.push_back(ids);
  }
  statements.push_back(statements[20]);
  statements.push_back(statements[3]);
  return statements;
}

struct RunOptions {
  int64_t chunk_rows = kChunkRows;
  int threads = 1;
  LastBlockRows rows = LastBlockRows::kLastTokens;
  bool share_prefixes = true;
  LoadAhead load_ahead = LoadAhead::kOne;
};

// The representations after each layer, or the first error.
absl::StatusOr<std::vector<at::Tensor>> RunLayers(const std::string& folder, const Statements& statements,
                                                  const RunOptions& options) {
  const OpenedModel opened(folder);
  ComputePool pool(options.threads);
  const PackOptions pack{options.chunk_rows, options.share_prefixes, opened.model->longest_shareable()};
  auto executor = LayerwiseExecutor::Start(*opened.model, *opened.weights, {BuildPack(statements, pack)},
                                           {options.rows, options.load_ahead}, &pool);
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

// The states of a golden prompt's token are those of the statement that ends with it.
struct GoldenToken {
  std::vector<int64_t> statement;
  at::Tensor states;  // [layers, hidden]
};

// Of prompts longer than `longest_shareable`, if that is not 0, the last token only.
std::vector<GoldenToken> EveryToken(const testing::TensorFile& expected, int64_t longest_shareable) {
  const Statements prompts = GoldenPrompts(expected);
  std::vector<GoldenToken> tokens;
  for (size_t i = 0; i < prompts.size(); ++i) {
    const at::Tensor blocks = ToTensor(expected, "prompt_" + std::to_string(i) + ".block_outputs");
    const auto length = static_cast<int64_t>(prompts[i].size());
    const bool whole = longest_shareable != 0 && length > longest_shareable;
    for (int64_t end = whole ? length : 1; end <= length; ++end) {
      tokens.push_back({{prompts[i].begin(), prompts[i].begin() + end}, blocks.select(1, end - 1)});
    }
  }
  return tokens;
}

class ExecutorGoldenTest : public ::testing::TestWithParam<GoldenCase> {};

TEST_P(ExecutorGoldenTest, RepresentationsAreThoseOfTransformers) {
  const testing::CheckpointCopy checkpoint(GetParam().model, GetParam().config);
  const testing::TensorFile expected(testing::GoldenFolder(GetParam().model) + "/expected.safetensors");
  const int64_t longest = OpenedModel(checkpoint.path()).model->longest_shareable();
  const std::vector<GoldenToken> tokens = EveryToken(expected, longest);
  Statements statements;
  for (const GoldenToken& token : tokens) statements.push_back(token.statement);
  for (const int64_t chunk_rows : {int64_t{1}, int64_t{20}, kChunkRows}) {
    for (const bool share_prefixes : {true, false}) {
      ASSERT_OK_AND_ASSIGN(const auto layers,
                           RunLayers(checkpoint.path(), statements,
                                     {chunk_rows, 2, LastBlockRows::kLastTokens, share_prefixes}));
      for (size_t layer = 0; layer < layers.size(); ++layer) {
        std::vector<at::Tensor> states;
        for (const GoldenToken& token : tokens) states.push_back(token.states[static_cast<int64_t>(layer)]);
        EXPECT_LT(RelativeError(layers[layer], at::stack(states)), 1e-5)
            << "layer " << layer << ", chunks of " << chunk_rows << ", shared: " << share_prefixes;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, ExecutorGoldenTest, ::testing::ValuesIn(GoldenCases()));

TEST(LayerwiseExecutorTest, ChunkSizesAgree) {
  const testing::CheckpointCopy checkpoint;
  ASSERT_OK_AND_ASSIGN(const auto whole, RunLayers(checkpoint.path(), Samples(), {kChunkRows}));
  for (const int64_t chunk_rows : {1, 13, 50, 100}) {
    ASSERT_OK_AND_ASSIGN(const auto layers, RunLayers(checkpoint.path(), Samples(), {chunk_rows}));
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

TEST(LayerwiseExecutorTest, LoadingAheadChangesNoBit) {
  const testing::CheckpointCopy checkpoint;
  ASSERT_OK_AND_ASSIGN(const auto ahead, RunLayers(checkpoint.path(), Samples(), {50, 2}));
  ASSERT_OK_AND_ASSIGN(
      const auto not_ahead,
      RunLayers(checkpoint.path(), Samples(), {50, 2, LastBlockRows::kLastTokens, true, LoadAhead::kNone}));
  for (size_t i = 0; i < ahead.size(); ++i) EXPECT_TRUE(ahead[i].equal(not_ahead[i]));
}

TEST(LayerwiseExecutorTest, SharedPrefixesGiveTheSameStates) {
  const testing::CheckpointCopy checkpoint;
  ASSERT_OK_AND_ASSIGN(const auto shared, RunLayers(checkpoint.path(), Samples(), {50}));
  ASSERT_OK_AND_ASSIGN(const auto apart,
                       RunLayers(checkpoint.path(), Samples(), {50, 1, LastBlockRows::kLastTokens, false}));
  for (size_t i = 0; i < shared.size(); ++i) EXPECT_LT(RelativeError(shared[i], apart[i]), 1e-5);
}

// "dynamic" turns a long statement's first tokens otherwise than a short one's.
TEST(LayerwiseExecutorTest, StatementsWhoseRotationsDependOnTheirLengthShareNothing) {
  const testing::CheckpointCopy checkpoint("llama_dynamic");
  std::vector<int64_t> long_one;
  for (int64_t i = 0; i < 24; ++i) long_one.push_back(i + 3);
  const std::vector<int64_t> short_one(long_one.begin(), long_one.begin() + 16);
  ASSERT_OK_AND_ASSIGN(const auto together, RunLayers(checkpoint.path(), {short_one, long_one}, {}));
  for (int64_t i = 0; i < 2; ++i) {
    ASSERT_OK_AND_ASSIGN(const auto alone, RunLayers(checkpoint.path(), {i == 0 ? short_one : long_one}, {}));
    for (size_t layer = 0; layer < alone.size(); ++layer) {
      EXPECT_LT(RelativeError(together[layer][i], alone[layer][0]), 1e-5) << i;
    }
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
  ASSERT_OK_AND_ASSIGN(
      const auto executor,
      LayerwiseExecutor::Start(*opened.model, *opened.weights,
                               {BuildPack(first, {50}), BuildPack(second, {kChunkRows})}, {}, &pool));
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
  ASSERT_OK_AND_ASSIGN(
      const auto executor,
      LayerwiseExecutor::Start(model, *opened.weights, {BuildPack({{1}, {2, 3}}, {1})}, {}, &pool));
  ASSERT_OK(executor->LoadNextBlock());
  EXPECT_STATUS(executor->RunBlock([&end] {
    end.Notify();
    return true;
  }),
                kCancelled, "cancelled");
}

}  // namespace
}  // namespace probesweep::worker
