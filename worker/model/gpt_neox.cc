#include "worker/model/gpt_neox.h"

#include <ATen/ATen.h>

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/model/activation.h"
#include "worker/model/attention.h"
#include "worker/model/last_tokens.h"
#include "worker/model/linear.h"
#include "worker/model/rotary.h"

namespace probesweep::worker {
namespace {

struct Config {
  int64_t layers = 0;
  int64_t hidden = 0;
  int64_t heads = 0;
  int64_t intermediate = 0;
  int64_t vocab = 0;
  double norm_epsilon = 1e-5;
  bool parallel_residual = true;
  bool tied = false;
  Activation activation = nullptr;
  RotaryOptions rotary;

  int64_t head_dim() const { return hidden / heads; }
};

absl::StatusOr<Config> ReadConfig(const ConfigFile& file) {
  Config config;
  PS_ASSIGN_OR_RETURN(config.layers, file.Size({"num_hidden_layers"}));
  PS_ASSIGN_OR_RETURN(config.hidden, file.Size({"hidden_size"}));
  PS_ASSIGN_OR_RETURN(config.heads, file.Size({"num_attention_heads"}));
  PS_ASSIGN_OR_RETURN(config.intermediate, file.Size({"intermediate_size"}));
  PS_ASSIGN_OR_RETURN(config.vocab, file.Size({"vocab_size"}));
  if (config.hidden % config.heads != 0) {
    return file.Invalid("hidden_size", absl::StrCat("is ", config.hidden, ", no multiple of the ",
                                                    config.heads, " heads of `num_attention_heads`"));
  }
  PS_ASSIGN_OR_RETURN(config.norm_epsilon, file.NumberOr({"layer_norm_eps"}, 1e-5));
  PS_ASSIGN_OR_RETURN(config.parallel_residual, file.BoolOr({"use_parallel_residual"}, true));
  PS_ASSIGN_OR_RETURN(config.tied, file.BoolOr({"tie_word_embeddings"}, false));
  PS_ASSIGN_OR_RETURN(config.activation, ReadActivation(file, {"hidden_act"}, "gelu"));
  PS_ASSIGN_OR_RETURN(config.rotary, ReadRotary(file, config.head_dim(), 0.25));
  return config;
}

class GptNeoxEmbedding : public Embedding {
 public:
  explicit GptNeoxEmbedding(at::Tensor weight) : weight_(std::move(weight)) {}
  at::Tensor Forward(const at::Tensor& ids, const PackedLayout&) const override {
    return weight_.index_select(0, ids);
  }

 private:
  const at::Tensor weight_;  // [vocab, hidden]
};

struct BlockWeights {
  LayerNorm attention_norm, mlp_norm;
  Linear query_key_value, dense, up, down;
};

class GptNeoxBlock : public Block {
 public:
  GptNeoxBlock(const Config& config, BlockWeights weights) : config_(config), weights_(std::move(weights)) {}

  at::Tensor Forward(const at::Tensor& residual, const PackedLayout& layout,
                     KeyValueCache* cache) const override {
    const Attended in = Project(residual, layout);
    const at::Tensor mixed = CausalAttention(in.query, in.key, in.value, {Scale()}, layout, cache);
    return Finish(residual, mixed);
  }

  at::Tensor ForwardLastTokens(const at::Tensor& residual, const PackedLayout& layout) const override {
    const Attended in = Project(residual, layout);
    const at::Tensor mixed =
        CausalAttentionOfLastTokens(LastTokenRows(in.query, layout), in.key, in.value, {Scale()}, layout);
    return Finish(LastTokenRows(residual, layout), mixed);
  }

 private:
  struct Attended {
    at::Tensor query, key, value;  // [tokens, heads, head_dim]
  };

  double Scale() const { return 1.0 / std::sqrt(static_cast<double>(config_.head_dim())); }

  Attended Project(const at::Tensor& residual, const PackedLayout& layout) const {
    const int64_t size = config_.head_dim();
    // Each head's query, key and value lie side by side.
    const at::Tensor all = weights_.query_key_value(weights_.attention_norm(residual))
                               .view({residual.size(0), config_.heads, 3 * size});
    Attended parts{all.narrow(2, 0, size), all.narrow(2, size, size), all.narrow(2, 2 * size, size)};
    ApplyRotary(config_.rotary, layout, parts.query);
    ApplyRotary(config_.rotary, layout, parts.key);
    return parts;
  }

  at::Tensor Mlp(const at::Tensor& x) const {
    return weights_.down(config_.activation(weights_.up(weights_.mlp_norm(x))));
  }

  // `residual` and `mixed`: the same rows of the block's input and of the attention's output.
  at::Tensor Finish(const at::Tensor& residual, const at::Tensor& mixed) const {
    at::Tensor attention = weights_.dense(mixed);
    if (config_.parallel_residual) return attention.add_(Mlp(residual)).add_(residual);
    const at::Tensor middle = attention.add_(residual);
    return Mlp(middle).add_(middle);
  }

  const Config config_;
  const BlockWeights weights_;
};

class GptNeoxHead : public Head {
 public:
  GptNeoxHead(LayerNorm norm, Linear unembedding)
      : norm_(std::move(norm)), unembedding_(std::move(unembedding)) {}
  at::Tensor Forward(const at::Tensor& residual) const override { return unembedding_(norm_(residual)); }

 private:
  const LayerNorm norm_;
  const Linear unembedding_;
};

class GptNeox : public Model {
 public:
  explicit GptNeox(const Config& config) : config_(config) {}

  int64_t layers() const override { return config_.layers; }
  int64_t hidden_size() const override { return config_.hidden; }
  int64_t vocab_size() const override { return config_.vocab; }
  std::string BlockPrefix(int64_t layer) const override {
    return absl::StrCat("gpt_neox.layers.", layer, ".");
  }

  absl::StatusOr<std::unique_ptr<Embedding>> LoadEmbedding(WeightSource& weights) const override {
    PS_ASSIGN_OR_RETURN(at::Tensor weight,
                        weights.Read("gpt_neox.embed_in.weight", {config_.vocab, config_.hidden}));
    return std::make_unique<GptNeoxEmbedding>(std::move(weight));
  }

  absl::StatusOr<std::unique_ptr<Block>> LoadBlock(WeightSource& weights, int64_t layer) const override {
    const std::string prefix = BlockPrefix(layer);
    const int64_t hidden = config_.hidden;
    BlockWeights loaded;
    PS_ASSIGN_OR_RETURN(loaded.attention_norm,
                        LoadLayerNorm(weights, prefix + "input_layernorm", hidden, config_.norm_epsilon));
    PS_ASSIGN_OR_RETURN(loaded.query_key_value,
                        LoadLinear(weights, prefix + "attention.query_key_value", 3 * hidden, hidden));
    PS_ASSIGN_OR_RETURN(loaded.dense, LoadLinear(weights, prefix + "attention.dense", hidden, hidden));
    PS_ASSIGN_OR_RETURN(loaded.mlp_norm, LoadLayerNorm(weights, prefix + "post_attention_layernorm", hidden,
                                                       config_.norm_epsilon));
    PS_ASSIGN_OR_RETURN(loaded.up,
                        LoadLinear(weights, prefix + "mlp.dense_h_to_4h", config_.intermediate, hidden));
    PS_ASSIGN_OR_RETURN(loaded.down,
                        LoadLinear(weights, prefix + "mlp.dense_4h_to_h", hidden, config_.intermediate));
    return std::make_unique<GptNeoxBlock>(config_, std::move(loaded));
  }

  absl::StatusOr<std::unique_ptr<Head>> LoadHead(WeightSource& weights) const override {
    PS_ASSIGN_OR_RETURN(LayerNorm norm, LoadLayerNorm(weights, "gpt_neox.final_layer_norm", config_.hidden,
                                                      config_.norm_epsilon));
    const std::string name = config_.tied ? "gpt_neox.embed_in" : "embed_out";
    PS_ASSIGN_OR_RETURN(Linear unembedding, LoadLinear(weights, name, config_.vocab, config_.hidden));
    return std::make_unique<GptNeoxHead>(std::move(norm), std::move(unembedding));
  }

 private:
  const Config config_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> CreateGptNeox(const ConfigFile& file) {
  PS_ASSIGN_OR_RETURN(const Config config, ReadConfig(file));
  return std::make_unique<GptNeox>(config);
}

}  // namespace probesweep::worker
