#ifndef PROBESWEEP_WORKER_MODEL_ATTENTION_H_
#define PROBESWEEP_WORKER_MODEL_ATTENTION_H_

#include <cstdint>
#include <optional>

#include "worker/model/packed_layout.h"

namespace at {
class Tensor;
}

namespace probesweep::worker {

struct Alibi;
class KeyValueCache;

struct AttentionOptions {
  double scale = 1;
  std::optional<int64_t> window = std::nullopt;  // the newest tokens that a token sees, itself included
  const Alibi* alibi = nullptr;                  // what it adds to the scores; it outlives the call
};

// Causal softmax attention within each statement: softmax(q kᵀ · scale) v. `query`: fp32 [rows, heads,
// head_dim]; `key`, `value`: fp32 [rows, key_value_heads, head_dim], each head of which serves
// heads / key_value_heads neighbouring heads of the query. Returns fp32 [rows, heads · head_dim].
// `cache`: null, or keys and values of the statements' earlier tokens, which are attended to as well; these
// are added to it; their statements share no rows.
at::Tensor CausalAttention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                           const AttentionOptions& options, const PackedLayout& layout, KeyValueCache* cache);

// Of whole statements, the last token of each only: fp32 [statements, heads · head_dim].
// `query`: [statements, heads, head_dim].
at::Tensor CausalAttentionOfLastTokens(const at::Tensor& query, const at::Tensor& key,
                                       const at::Tensor& value, const AttentionOptions& options,
                                       const PackedLayout& layout);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_ATTENTION_H_
