#include "worker/model/attention.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "worker/model/alibi.h"
#include "worker/model/last_tokens.h"

namespace probesweep::worker {
namespace {

constexpr int64_t kHeads = 4;
constexpr int64_t kHeadDim = 3;
constexpr double kScale = 0.7;

// Two statements of 1 token, one of 4, two of 5.
PackedLayout Layout() { return {{{2, 1}, {1, 4}, {2, 5}}}; }

struct Case {
  int64_t shared_heads;  // of key and value
  std::optional<int64_t> window;
};

struct Heads {
  explicit Heads(int64_t shared_heads) {
    at::manual_seed(1);
    query = at::randn({Layout().tokens(), kHeads, kHeadDim});
    key = at::randn({Layout().tokens(), shared_heads, kHeadDim});
    value = at::randn({Layout().tokens(), shared_heads, kHeadDim});
  }
  at::Tensor query, key, value;
};

// Token by token in fp64: the softmax over the statement's tokens of the window up to this one. `slopes`:
// what a token's score loses in each head per token of distance.
at::Tensor Reference(const Heads& in, const Case& c, const PackedLayout& layout,
                     const std::vector<double>& slopes = {0, 0, 0, 0}) {
  const int64_t group = kHeads / c.shared_heads;
  const at::Tensor q = in.query.to(at::kDouble), k = in.key.to(at::kDouble), v = in.value.to(at::kDouble);
  at::Tensor output = at::zeros({layout.tokens(), kHeads, kHeadDim}, at::kDouble);
  int64_t begin = 0;
  for (const LengthRun& run : layout.runs) {
    for (int64_t statement = 0; statement < run.statements; ++statement, begin += run.length) {
      for (int64_t token = begin; token < begin + run.length; ++token) {
        for (int64_t head = 0; head < kHeads; ++head) {
          const int64_t oldest = std::max(begin, token + 1 - c.window.value_or(layout.tokens()));
          const at::Tensor keys = k.slice(0, oldest, token + 1).select(1, head / group);
          const at::Tensor values = v.slice(0, oldest, token + 1).select(1, head / group);
          const at::Tensor distances = at::arange(token - oldest, -1, -1, at::kDouble);
          const at::Tensor scores =
              at::mv(keys, q[token][head]) * kScale - distances * slopes[static_cast<size_t>(head)];
          const at::Tensor weights = at::softmax(scores, 0);
          output[token][head].copy_(at::mv(values.t(), weights));
        }
      }
    }
  }
  return output.view({layout.tokens(), kHeads * kHeadDim});
}

class CausalAttentionTest : public ::testing::TestWithParam<Case> {
 protected:
  const AttentionOptions options_{kScale, GetParam().window};
  const Heads in_{GetParam().shared_heads};
};

TEST_P(CausalAttentionTest, EachTokenSeesItsStatementUpToItself) {
  const at::Tensor mixed = CausalAttention(in_.query, in_.key, in_.value, options_, Layout(), nullptr);
  EXPECT_LT((mixed.to(at::kDouble) - Reference(in_, GetParam(), Layout())).abs().max().item<double>(), 1e-6);
}

TEST_P(CausalAttentionTest, LastTokensAloneGetTheSame) {
  const PackedLayout layout = Layout();
  const at::Tensor mixed =
      CausalAttentionOfLastTokens(LastTokenRows(in_.query, layout), in_.key, in_.value, options_, layout);
  const at::Tensor expected = LastTokenRows(Reference(in_, GetParam(), layout), layout);
  ASSERT_EQ(mixed.sizes(), expected.sizes());
  EXPECT_LT((mixed.to(at::kDouble) - expected).abs().max().item<double>(), 1e-6);
}

TEST(AlibiTest, LinearBiasesFavourNearTokens) {
  const Case plain{4, std::nullopt};
  const Heads in{4};
  const PackedLayout layout = Layout();
  Alibi alibi;
  alibi.slopes = at::tensor({0.5, 0.25, 0.125, 0.0625}, at::kFloat);
  AttentionOptions options;
  options.scale = kScale;
  options.alibi = &alibi;
  const at::Tensor expected = Reference(in, plain, layout, {0.5, 0.25, 0.125, 0.0625});
  const at::Tensor all = CausalAttention(in.query, in.key, in.value, options, layout, nullptr);
  EXPECT_LT((all.to(at::kDouble) - expected).abs().max().item<double>(), 1e-6);
  const at::Tensor last =
      CausalAttentionOfLastTokens(LastTokenRows(in.query, layout), in.key, in.value, options, layout);
  EXPECT_LT((last.to(at::kDouble) - LastTokenRows(expected, layout)).abs().max().item<double>(), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(HeadsAndWindows, CausalAttentionTest,
                         ::testing::Values(Case{4, std::nullopt}, Case{2, std::nullopt},
                                           Case{1, std::nullopt}, Case{4, 1}, Case{2, 3}, Case{1, 4},
                                           Case{4, 5}, Case{2, 100}));

TEST(LastTokenRowsTest, AreTheLastOfEachStatement) {
  const at::Tensor rows = at::arange(Layout().tokens(), at::kLong).unsqueeze(1);
  EXPECT_TRUE(LastTokenRows(rows, Layout()).equal(at::tensor({0, 1, 5, 10, 15}, at::kLong).unsqueeze(1)));
}

}  // namespace
}  // namespace probesweep::worker
