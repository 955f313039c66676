// The block that GPT-2, OPT and BLOOM share: full attention, then a two-layer MLP, each with a residual.
#ifndef PROBESWEEP_WORKER_MODEL_SEQUENTIAL_BLOCK_H_
#define PROBESWEEP_WORKER_MODEL_SEQUENTIAL_BLOCK_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "worker/model/activation.h"
#include "worker/model/attention.h"
#include "worker/model/linear.h"
#include "worker/model/model.h"

namespace probesweep::worker {

// Where the norm of a half (f: attention or MLP) stands.
enum class NormPlace {
  kBefore,             // x + f(norm x)
  kBeforeAndResidual,  // norm x + f(norm x)
  kAfter,              // norm(x + f(x))
};

struct SequentialBlockOptions {
  int64_t heads = 0;
  double scale = 1;  // of the attention's scores
  NormPlace norm_place = NormPlace::kBefore;
  Activation activation = nullptr;
};

struct SequentialBlockWeights {
  LayerNorm attention_norm, mlp_norm;
  Linear query_key_value;  // rows: all heads' queries, then all keys, then all values
  Linear dense, up, down;
  at::Tensor alibi;  // [heads]: slopes of the linear biases; or undefined
};

class SequentialBlock : public Block {
 public:
  SequentialBlock(const SequentialBlockOptions& options, SequentialBlockWeights weights);
  at::Tensor Forward(const at::Tensor& residual, const PackedLayout& layout,
                     KeyValueCache* cache) const override;
  at::Tensor ForwardLastTokens(const at::Tensor& residual, const PackedLayout& layout) const override;

 private:
  struct Attended {
    at::Tensor input;              // [tokens, hidden]: the block's input after the norm that is before
    at::Tensor query, key, value;  // [tokens, heads, head_dim]
  };
  Attended Project(const at::Tensor& residual) const;
  // `input`, `residual`, `mixed`: the same rows of Attended::input, of the block's input, of the attention.
  at::Tensor Finish(const at::Tensor& input, const at::Tensor& residual, const at::Tensor& mixed) const;
  AttentionOptions Rule() const;

  const SequentialBlockOptions options_;
  const SequentialBlockWeights weights_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_SEQUENTIAL_BLOCK_H_
