// The block that GPT-2 and its kin share: attention and an MLP, with layer norms and residuals around them.
#ifndef PROBESWEEP_WORKER_MODEL_LAYER_NORM_BLOCK_H_
#define PROBESWEEP_WORKER_MODEL_LAYER_NORM_BLOCK_H_

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "worker/model/fused_attention.h"
#include "worker/model/gated_mlp.h"
#include "worker/model/model.h"
#include "worker/model/norm.h"
#include "worker/model/two_layer_mlp.h"

namespace probesweep::worker {

// How the halves (attention a, MLP m) with their norms n and n' are put together.
enum class BlockForm {
  kNormBefore,             // y = x + a(n x); y + m(n' y)
  kNormBeforeAndResidual,  // y = n x + a(n x); n' y + m(n' y)
  kNormAfter,              // y = n(x + a(x)); n'(y + m(y))
  kParallel,               // x + a(n x) + m(n' x); without n': x + a(n x) + m(n x)
};

struct LayerNormBlockOptions {
  BlockForm form = BlockForm::kNormBefore;
  NormOptions norm;
  const char* attention_norm = "input_layernorm";
  const char* mlp_norm = "post_attention_layernorm";  // null: there is none
  FusedAttentionOptions attention;
  std::variant<TwoLayerMlpOptions, GatedMlpOptions> mlp;
};

// Reads names that begin with `prefix`.
absl::StatusOr<std::unique_ptr<Block>> LoadLayerNormBlock(WeightSource& weights, const std::string& prefix,
                                                          const ModelSizes& sizes,
                                                          const LayerNormBlockOptions& options);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_LAYER_NORM_BLOCK_H_
