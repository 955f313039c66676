#ifndef PROBESWEEP_WORKER_MODEL_FUSED_ATTENTION_H_
#define PROBESWEEP_WORKER_MODEL_FUSED_ATTENTION_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "worker/model/alibi.h"
#include "worker/model/attention.h"
#include "worker/model/head_norm.h"
#include "worker/model/linear.h"
#include "worker/model/model_sizes.h"
#include "worker/model/query_key_value.h"
#include "worker/model/rotary.h"

namespace probesweep::worker {

// Layer norms of queries and keys before they are rotated.
enum class HeadNorms {
  kNone,
  kShared,  // the same for all heads, with a bias
  kOwn,     // of each head its own, without
};

struct FusedAttentionOptions {
  const char* prefix = "self_attn.";
  QueryKeyValueOptions query_key_value;
  const char* output = "dense";
  Bias output_bias = Bias::kRequired;
  LinearLoader load_output = LoadLinear;
  bool scaled = true;                  // the scores are divided by √head_dim
  double score_divisor = 1;            // and by this
  HeadNorms norms = HeadNorms::kNone;  // <prefix>q_layernorm and k_layernorm
  double norm_epsilon = 1e-5;
  RotaryOptions rotary;               // none where it has no dimensions
  std::optional<AlibiOptions> alibi;  // none where unset
};

// Attention whose queries, keys and values are one product. Heads of queries may share those of keys and
// values. Immutable, thread-safe.
class FusedAttention {
 public:
  // Reads names that begin with `prefix` and the options' own.
  static absl::StatusOr<FusedAttention> Load(WeightSource& weights, const std::string& prefix,
                                             const ModelSizes& sizes, const FusedAttentionOptions& options);

  // `x`: fp32 [rows, hidden]. Returns the same shape. `cache`: as Block::Forward.
  at::Tensor Forward(const at::Tensor& x, const PackedLayout& layout, KeyValueCache* cache) const;
  // Of whole statements, the last token of each only: fp32 [statements, hidden].
  at::Tensor ForwardLastTokens(const at::Tensor& x, const PackedLayout& layout) const;

 private:
  struct Projected {
    at::Tensor query;       // [rows, heads, head_dim]
    at::Tensor key, value;  // [rows, key_value_heads, head_dim]
  };

  FusedAttention(const ModelSizes& sizes, const FusedAttentionOptions& options)
      : sizes_(sizes), options_(options) {}
  absl::Status LoadNorms(WeightSource& weights, const std::string& prefix);
  Projected Project(const at::Tensor& x, const PackedLayout& layout) const;
  AttentionOptions Rule() const;

  ModelSizes sizes_;
  FusedAttentionOptions options_;
  Linear query_key_value_, output_;
  HeadNorm query_norm_, key_norm_;  // without weights where there are none
  std::optional<Alibi> alibi_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_FUSED_ATTENTION_H_
