#ifndef PROBESWEEP_WORKER_MODEL_GROUPED_ATTENTION_H_
#define PROBESWEEP_WORKER_MODEL_GROUPED_ATTENTION_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "worker/model/attention.h"
#include "worker/model/linear.h"
#include "worker/model/norm.h"
#include "worker/model/rotary.h"

namespace probesweep::worker {

// What the queries and keys are normalised over before they are rotated.
enum class QueryKeyNorm { kNone, kEachHead, kAllHeads };

struct GroupedAttentionOptions {
  int64_t hidden = 0;
  int64_t heads = 0;
  int64_t key_value_heads = 0;  // a divisor of `heads`
  int64_t head_dim = 0;
  bool projection_bias = false;  // of queries, keys and values
  bool output_bias = false;
  QueryKeyNorm norm = QueryKeyNorm::kNone;
  NormOptions norm_form;
  std::optional<double> clip;     // queries, keys and values are held within ±clip
  bool clip_normed = false;       // after the norms of queries and keys rather than before
  std::optional<int64_t> window;  // tokens that a token attends to, itself included; all where unset
  RotaryOptions rotary;
};

// Rotary attention in which groups of query heads share a key and a value head (Ainslie et al., arXiv
// 2305.13245). Immutable, thread-safe.
class GroupedAttention {
 public:
  // Reads <prefix>q_proj, k_proj, v_proj, o_proj, and q_norm and k_norm where there are norms.
  static absl::StatusOr<GroupedAttention> Load(WeightSource& weights, const std::string& prefix,
                                               const GroupedAttentionOptions& options);

  // `x`: fp32 [rows, hidden]. Returns the same shape. `cache`: as Block::Forward.
  at::Tensor Forward(const at::Tensor& x, const PackedLayout& layout, KeyValueCache* cache) const;
  // Of whole statements, the last token of each only: fp32 [statements, hidden].
  at::Tensor ForwardLastTokens(const at::Tensor& x, const PackedLayout& layout) const;

 private:
  struct Projected {
    at::Tensor query;       // [rows, heads, head_dim]
    at::Tensor key, value;  // [rows, key_value_heads, head_dim]
  };

  explicit GroupedAttention(const GroupedAttentionOptions& options) : options_(options) {}
  absl::Status LoadNorms(WeightSource& weights, const std::string& prefix);
  Projected Project(const at::Tensor& x, const PackedLayout& layout) const;
  // One projection of `x`, clipped and normalised: [rows, heads, head_dim].
  at::Tensor Heads(const at::Tensor& x, const Linear& projection, const Norm* norm) const;
  AttentionOptions Rule() const;

  GroupedAttentionOptions options_;
  Linear query_, key_, value_, output_;
  Norm query_norm_, key_norm_;  // not loaded where there are none
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_GROUPED_ATTENTION_H_
