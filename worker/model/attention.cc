#include "worker/model/attention.h"

#include <ATen/ATen.h>

#include <limits>

namespace probesweep::worker {
namespace {

// Rows [first, first + statements · length) of x [tokens, heads, head_dim] as [statements, heads, length,
// head_dim].
at::Tensor PerHead(const at::Tensor& x, int64_t first, int64_t statements, int64_t length) {
  return x.narrow(0, first, statements * length)
      .view({statements, length, x.size(1), x.size(2)})
      .transpose(1, 2);
}

// −inf above the diagonal, else 0: [length, length].
at::Tensor CausalMask(int64_t length) {
  return at::full({length, length}, -std::numeric_limits<float>::infinity(), at::kFloat).triu_(1);
}

// Adds the linear biases to `scores` [statements, heads, queries, length]. By the key's own position rather
// than by its distance: a softmax is the same under both, and the rounding is then that of the models' code.
void AddAlibi(const at::Tensor* slopes, at::Tensor scores) {
  if (slopes == nullptr) return;
  scores.add_(at::outer(*slopes, at::arange(scores.size(3), at::kFloat)).unsqueeze(1));
}

}  // namespace

at::Tensor CausalAttention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                           const AttentionOptions& options, const PackedLayout& layout) {
  const int64_t heads = query.size(1);
  const int64_t head_dim = query.size(2);
  at::Tensor output = at::empty({query.size(0), heads * head_dim}, query.options());
  int64_t first = 0;
  for (const LengthRun& run : layout.runs) {
    const int64_t rows = run.statements * run.length;
    const at::Tensor q = PerHead(query, first, run.statements, run.length);
    const at::Tensor k = PerHead(key, first, run.statements, run.length);
    const at::Tensor v = PerHead(value, first, run.statements, run.length);
    at::Tensor scores =
        at::matmul(q, k.transpose(2, 3)).mul_(options.scale);  // [statements, heads, length, length]
    AddAlibi(options.alibi, scores);
    scores.add_(CausalMask(run.length));
    const at::Tensor mixed = at::matmul(at::softmax(scores, -1), v);  // [statements, heads, length, head_dim]
    output.narrow(0, first, rows)
        .view({run.statements, run.length, heads, head_dim})
        .copy_(mixed.transpose(1, 2));
    first += rows;
  }
  return output;
}

at::Tensor CausalAttentionOfLastTokens(const at::Tensor& query, const at::Tensor& key,
                                       const at::Tensor& value, const AttentionOptions& options,
                                       const PackedLayout& layout) {
  const int64_t heads = key.size(1);
  const int64_t head_dim = key.size(2);
  at::Tensor output = at::empty({query.size(0), heads * head_dim}, query.options());
  int64_t first = 0;
  int64_t first_statement = 0;
  for (const LengthRun& run : layout.runs) {
    const at::Tensor q = PerHead(query, first_statement, run.statements, 1);
    const at::Tensor k = PerHead(key, first, run.statements, run.length);
    const at::Tensor v = PerHead(value, first, run.statements, run.length);
    const at::Tensor scores =
        at::matmul(q, k.transpose(2, 3)).mul_(options.scale);  // [statements, heads, 1, length]
    AddAlibi(options.alibi, scores);
    const at::Tensor mixed = at::matmul(at::softmax(scores, -1), v);  // [statements, heads, 1, head_dim]
    output.narrow(0, first_statement, run.statements).view({run.statements, heads, 1, head_dim}).copy_(mixed);
    first += run.statements * run.length;
    first_statement += run.statements;
  }
  return output;
}

}  // namespace probesweep::worker
