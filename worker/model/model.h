// An architecture: what its parts compute and which tensors they are made of. Weights are loaded part by
// part, so that a pass holds no more of them than it needs.
#ifndef PROBESWEEP_WORKER_MODEL_MODEL_H_
#define PROBESWEEP_WORKER_MODEL_MODEL_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "worker/checkpoint/config_file.h"
#include "worker/checkpoint/tensor_naming.h"
#include "worker/checkpoint/weight_source.h"
#include "worker/model/packed_layout.h"

namespace at {
class Tensor;
}

namespace probesweep::worker {

class KeyValueCache;

// Token ids to the residual stream's first state. Immutable, thread-safe.
class Embedding {
 public:
  virtual ~Embedding() = default;
  // `ids`: int64 [rows], each below Model::vocab_size(), in statements that Model::max_positions() allows.
  // Returns fp32 [rows, hidden].
  virtual at::Tensor Forward(const at::Tensor& ids, const PackedLayout& layout) const = 0;
};

// One block. Immutable, thread-safe.
class Block {
 public:
  virtual ~Block() = default;
  // `residual`: fp32 [rows, hidden], the residual stream before the block. Returns it after the block.
  // `cache`: null, or this block's keys and values of the statements' earlier tokens, to which these ones'
  // are added; without a cache every statement starts at position 0.
  virtual at::Tensor Forward(const at::Tensor& residual, const PackedLayout& layout,
                             KeyValueCache* cache) const = 0;
  // Of whole statements, the last token of each only: fp32 [statements, hidden].
  virtual at::Tensor ForwardLastTokens(const at::Tensor& residual, const PackedLayout& layout) const = 0;
};

// Final norm and unembedding. Immutable, thread-safe.
class Head {
 public:
  virtual ~Head() = default;
  // `residual`: fp32 [tokens, hidden] after the last block. Returns logits, fp32 [tokens, vocab].
  virtual at::Tensor Forward(const at::Tensor& residual) const = 0;
};

// Immutable; the loading functions only change the source. Errors of those: DATA_LOSS and others of
// WeightSource::Read.
class Model {
 public:
  virtual ~Model() = default;
  virtual int64_t layers() const = 0;
  virtual int64_t hidden_size() const = 0;
  virtual int64_t vocab_size() const = 0;
  // Tokens that a statement may have, where positions are learned; 0: any number.
  virtual int64_t max_positions() const { return 0; }
  // Tokens that a statement may have for its states to depend on no more than the tokens up to each; 0: any
  // number. Longer ones share nothing with others (PackedLayout::shared).
  virtual int64_t longest_shareable() const { return 0; }
  virtual absl::StatusOr<std::unique_ptr<Embedding>> LoadEmbedding(WeightSource& weights) const = 0;
  virtual absl::StatusOr<std::unique_ptr<Block>> LoadBlock(WeightSource& weights, int64_t layer) const = 0;
  virtual absl::StatusOr<std::unique_ptr<Head>> LoadHead(WeightSource& weights) const = 0;
  // What the names of a block's tensors begin with. Repositories differ in what they put before it
  // ("transformer.h.0." and "h.0."): where both are read it is the common part.
  virtual std::string BlockPrefix(int64_t layer) const = 0;
  // How the tensors that it reads are named, and where else repositories store them.
  virtual TensorNaming Naming() const { return {}; }
};

// The model that `config` describes, by its model_type. Errors: UNIMPLEMENTED (an unknown model_type, naming
// what is supported; a field that asks for arithmetic that is not implemented), INVALID_ARGUMENT (bad field).
absl::StatusOr<std::unique_ptr<Model>> CreateModel(const ConfigFile& config);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_MODEL_H_
