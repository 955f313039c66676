// What GPT-2 and its kin are made of: an embedding table, layer-norm blocks and an unembedding, whose options
// say how they differ.
#ifndef PROBESWEEP_WORKER_MODEL_LAYER_NORM_MODEL_H_
#define PROBESWEEP_WORKER_MODEL_LAYER_NORM_MODEL_H_

#include <memory>

#include "absl/status/statusor.h"
#include "worker/checkpoint/config_file.h"
#include "worker/checkpoint/tensor_naming.h"
#include "worker/model/embedding_table.h"
#include "worker/model/layer_norm_block.h"
#include "worker/model/model.h"
#include "worker/model/model_sizes.h"
#include "worker/model/unembedding.h"

namespace probesweep::worker {

// Names of tensors are those of transformers' model with its head.
struct LayerNormModelOptions {
  ModelSizes sizes;
  TensorNaming naming;      // its embedding and unembedding are those below
  const char* blocks = "";  // what stands before a block's number
  EmbeddingTableOptions embedding;
  LayerNormBlockOptions block;
  bool scores_by_layer = false;  // the scores of layer ℓ are divided by ℓ + 1
  UnembeddingOptions unembedding;
};

std::unique_ptr<Model> CreateLayerNormModel(LayerNormModelOptions options);

// Gives all norms the same form.
void SetNorms(const NormOptions& norm, LayerNormModelOptions& options);
// Layer norms with weights and biases, and the epsilon that `field` says. Errors: INVALID_ARGUMENT naming it.
absl::Status ReadNorms(const ConfigFile& file, const char* field, LayerNormModelOptions& options);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_LAYER_NORM_MODEL_H_
