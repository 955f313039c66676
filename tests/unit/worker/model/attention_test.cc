#include "worker/model/attention.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "worker/model/last_tokens.h"

namespace probesweep::worker {
namespace {

constexpr int64_t kHeads = 2;
constexpr int64_t kHeadDim = 3;
constexpr double kScale = 0.7;

// Two statements of 1 token, one of 4, two of 5.
PackedLayout Layout() { return {{{2, 1}, {1, 4}, {2, 5}}}; }

struct Heads {
  Heads() {
    at::manual_seed(1);
    for (at::Tensor* x : {&query, &key, &value}) *x = at::randn({Layout().tokens(), kHeads, kHeadDim});
  }
  at::Tensor query, key, value;
};

// Token by token in fp64: the softmax over the statement's tokens up to this one. `slopes`: what a token's
// score loses in each head per token of distance.
at::Tensor Reference(const Heads& in, const PackedLayout& layout,
                     const std::vector<double>& slopes = {0, 0}) {
  const at::Tensor q = in.query.to(at::kDouble), k = in.key.to(at::kDouble), v = in.value.to(at::kDouble);
  at::Tensor output = at::zeros({layout.tokens(), kHeads, kHeadDim}, at::kDouble);
  int64_t begin = 0;
  for (const LengthRun& run : layout.runs) {
    for (int64_t statement = 0; statement < run.statements; ++statement, begin += run.length) {
      for (int64_t token = begin; token < begin + run.length; ++token) {
        for (int64_t head = 0; head < kHeads; ++head) {
          const at::Tensor keys = k.slice(0, begin, token + 1).select(1, head);
          const at::Tensor values = v.slice(0, begin, token + 1).select(1, head);
          const at::Tensor distances = at::arange(token - begin, -1, -1, at::kDouble);
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

TEST(CausalAttentionTest, EachTokenSeesItsStatementUpToItself) {
  const Heads in;
  const at::Tensor mixed = CausalAttention(in.query, in.key, in.value, {kScale}, Layout());
  EXPECT_LT((mixed.to(at::kDouble) - Reference(in, Layout())).abs().max().item<double>(), 1e-6);
}

TEST(CausalAttentionTest, LastTokensAloneGetTheSame) {
  const Heads in;
  const PackedLayout layout = Layout();
  const at::Tensor mixed =
      CausalAttentionOfLastTokens(LastTokenRows(in.query, layout), in.key, in.value, {kScale}, layout);
  const at::Tensor expected = LastTokenRows(Reference(in, layout), layout);
  ASSERT_EQ(mixed.sizes(), expected.sizes());
  EXPECT_LT((mixed.to(at::kDouble) - expected).abs().max().item<double>(), 1e-6);
}

TEST(CausalAttentionTest, LinearBiasesFavourNearTokens) {
  const Heads in;
  const PackedLayout layout = Layout();
  const at::Tensor slopes = at::tensor({0.5, 0.125}, at::kFloat);
  AttentionOptions options;
  options.scale = kScale;
  options.alibi = &slopes;
  const at::Tensor expected = Reference(in, layout, {0.5, 0.125});
  const at::Tensor all = CausalAttention(in.query, in.key, in.value, options, layout);
  EXPECT_LT((all.to(at::kDouble) - expected).abs().max().item<double>(), 1e-6);
  const at::Tensor last =
      CausalAttentionOfLastTokens(LastTokenRows(in.query, layout), in.key, in.value, options, layout);
  EXPECT_LT((last.to(at::kDouble) - LastTokenRows(expected, layout)).abs().max().item<double>(), 1e-6);
}

TEST(LastTokenRowsTest, AreTheLastOfEachStatement) {
  const at::Tensor rows = at::arange(Layout().tokens(), at::kLong).unsqueeze(1);
  EXPECT_TRUE(LastTokenRows(rows, Layout()).equal(at::tensor({0, 1, 5, 10, 15}, at::kLong).unsqueeze(1)));
}

}  // namespace
}  // namespace probesweep::worker
