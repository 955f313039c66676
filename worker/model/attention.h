#ifndef PROBESWEEP_WORKER_MODEL_ATTENTION_H_
#define PROBESWEEP_WORKER_MODEL_ATTENTION_H_

#include "worker/model/packed_layout.h"

namespace at {
class Tensor;
}

namespace probesweep::worker {

// Causal softmax attention within each statement: softmax(q kᵀ · scale) v. `query`, `key`, `value`: fp32
// [tokens, heads, head_dim]. Returns fp32 [tokens, heads · head_dim].
at::Tensor CausalAttention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                           double scale, const PackedLayout& layout);

// The same for the last token of each statement only: fp32 [statements, heads · head_dim].
// `query`: [statements, heads, head_dim].
at::Tensor CausalAttentionOfLastTokens(const at::Tensor& query, const at::Tensor& key,
                                       const at::Tensor& value, double scale, const PackedLayout& layout);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_ATTENTION_H_
