#include "worker/model/attention.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>

#include "worker/model/alibi.h"
#include "worker/model/key_value_cache.h"
#include "worker/model/row_index.h"

namespace probesweep::worker {
namespace {

// Rows [first, first + statements · length) of x [tokens, heads, head_dim] as [statements, heads, length,
// head_dim].
at::Tensor PerHead(const at::Tensor& x, int64_t first, int64_t statements, int64_t length) {
  return x.narrow(0, first, statements * length)
      .view({statements, length, x.size(1), x.size(2)})
      .transpose(1, 2);
}

// A run's tokens, the first of which is token `first`, of x [rows, heads, head_dim]: as PerHead.
at::Tensor TokensOf(const LengthRun& run, int64_t first, const at::Tensor& x, const PackedLayout& layout) {
  if (layout.shared == nullptr) return PerHead(x, first, run.statements, run.length);
  const at::Tensor rows = RowIndex(layout.shared->row_of_token).narrow(0, first, run.statements * run.length);
  return PerHead(x.index_select(0, rows), 0, run.statements, run.length);
}

// Of tokens at positions start, start + 1, …: −inf for keys after a token and for those that its window has
// left behind, else 0: [length, start + length].
at::Tensor CausalMask(const LengthRun& run, const std::optional<int64_t>& window) {
  const int64_t seen = run.start + run.length;
  const at::Tensor hidden = at::full({run.length, seen}, -std::numeric_limits<float>::infinity(), at::kFloat);
  at::Tensor mask = hidden.triu(run.start + 1);
  return window.has_value() && *window < seen ? mask.add_(hidden.tril(run.start - *window)) : mask;
}

// Adds the linear biases to `scores` [statements, heads, queries, length]. By the key's own position rather
// than by its distance: a softmax is the same under both, and the rounding is then that of the models' code.
void AddAlibi(const Alibi* alibi, at::Tensor scores) {
  if (alibi == nullptr) return;
  scores.add_(alibi->Biases(scores.size(3)).unsqueeze(1));
}

// softmax(q kᵀ · scale + biases + mask) v: [statements, heads, queries, head_dim]. `q` may have several heads
// for each of k and v: the queries of those that share one are taken as one longer list, so that nothing is
// repeated.
at::Tensor Mix(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const AttentionOptions& options,
               const at::Tensor& mask) {
  const int64_t statements = q.size(0), heads = q.size(1), queries = q.size(2), shared = k.size(1);
  const at::Tensor grouped = q.reshape({statements, shared, heads / shared * queries, q.size(3)});
  at::Tensor scores = at::matmul(grouped, k.transpose(2, 3)).mul_(options.scale);
  scores = scores.view({statements, heads, queries, k.size(2)});
  AddAlibi(options.alibi, scores);
  if (mask.defined()) scores.add_(mask);
  const at::Tensor weights = at::softmax(scores, -1).view({statements, shared, -1, k.size(2)});
  return at::matmul(weights, v).view({statements, heads, queries, q.size(3)});
}

// CausalAttention over what the cache holds, statement by statement.
at::Tensor CachedAttention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                           const AttentionOptions& options, const PackedLayout& layout,
                           KeyValueCache& cache) {
  at::Tensor output = at::empty({query.size(0), query.size(1) * query.size(2)}, query.options());
  int64_t first = 0;
  size_t statement = 0;
  for (const LengthRun& run : layout.runs) {
    // A single token sees all that there is, unless its window leaves some behind.
    const bool sees_all = run.length == 1 && options.window.value_or(run.start + 1) > run.start;
    const at::Tensor mask = sees_all ? at::Tensor() : CausalMask(run, options.window);
    for (int64_t i = 0; i < run.statements; ++i, first += run.length, ++statement) {
      const KeysAndValues seen =
          cache.Append(statement, PerHead(key, first, 1, run.length), PerHead(value, first, 1, run.length));
      const at::Tensor mixed =
          Mix(PerHead(query, first, 1, run.length), seen.keys, seen.values, options, mask);
      output.narrow(0, first, run.length).copy_(mixed[0].transpose(0, 1).flatten(1));
    }
  }
  return output;
}

}  // namespace

at::Tensor CausalAttention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                           const AttentionOptions& options, const PackedLayout& layout,
                           KeyValueCache* cache) {
  if (cache != nullptr) return CachedAttention(query, key, value, options, layout, *cache);
  const int64_t heads = query.size(1);
  const int64_t head_dim = query.size(2);
  at::Tensor output = at::empty({layout.tokens(), heads * head_dim}, query.options());
  int64_t first = 0;
  for (const LengthRun& run : layout.runs) {
    const int64_t tokens = run.statements * run.length;
    const at::Tensor mixed =
        Mix(TokensOf(run, first, query, layout), TokensOf(run, first, key, layout),
            TokensOf(run, first, value, layout), options, CausalMask(run, options.window));
    output.narrow(0, first, tokens)
        .view({run.statements, run.length, heads, head_dim})
        .copy_(mixed.transpose(1, 2));
    first += tokens;
  }
  if (layout.shared == nullptr) return output;
  return output.index_select(0, RowIndex(layout.shared->token_of_row));
}

at::Tensor CausalAttentionOfLastTokens(const at::Tensor& query, const at::Tensor& key,
                                       const at::Tensor& value, const AttentionOptions& options,
                                       const PackedLayout& layout) {
  const int64_t heads = query.size(1);
  const int64_t head_dim = query.size(2);
  at::Tensor output = at::empty({query.size(0), heads * head_dim}, query.options());
  int64_t first = 0;  // token
  int64_t first_statement = 0;
  for (const LengthRun& run : layout.runs) {
    const int64_t seen = std::min(run.length, options.window.value_or(run.length));
    const auto newest = [&](const at::Tensor& x) {
      return TokensOf(run, first, x, layout).narrow(2, run.length - seen, seen);
    };
    const at::Tensor q = PerHead(query, first_statement, run.statements, 1);
    const at::Tensor mixed = Mix(q, newest(key), newest(value), options, /*mask=*/{});
    output.narrow(0, first_statement, run.statements).view({run.statements, heads, 1, head_dim}).copy_(mixed);
    first += run.statements * run.length;
    first_statement += run.statements;
  }
  return output;
}

}  // namespace probesweep::worker
