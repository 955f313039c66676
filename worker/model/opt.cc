#include "worker/model/opt.h"

#include <ATen/ATen.h>

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/model/embedding_table.h"
#include "worker/model/sequential_block.h"
#include "worker/model/stored_names.h"
#include "worker/model/unembedding.h"

namespace probesweep::worker {
namespace {

// Rows of the table of positions before the first: left over from where fairseq put its padding.
constexpr int64_t kPositionOffset = 2;
constexpr double kNormEpsilon = 1e-5;

struct Config {
  int64_t layers = 0;
  int64_t hidden = 0;
  int64_t heads = 0;
  int64_t intermediate = 0;
  int64_t vocab = 0;
  int64_t positions = 0;
  int64_t embedding_width = 0;
  bool norm_before = true;
  bool final_norm = true;
  bool norm_weights = true;
  bool biases = true;
  bool tied = true;
  Activation activation = nullptr;

  bool projected() const { return embedding_width != hidden; }
};

absl::Status ReadSizes(const ConfigFile& file, Config& config) {
  PS_ASSIGN_OR_RETURN(config.layers, file.Size({"num_hidden_layers"}));
  PS_ASSIGN_OR_RETURN(config.hidden, file.Size({"hidden_size"}));
  PS_ASSIGN_OR_RETURN(config.heads, file.Size({"num_attention_heads"}));
  PS_ASSIGN_OR_RETURN(config.intermediate, file.Size({"ffn_dim"}));
  PS_ASSIGN_OR_RETURN(config.vocab, file.Size({"vocab_size"}));
  PS_ASSIGN_OR_RETURN(config.positions, file.Size({"max_position_embeddings"}));
  config.embedding_width = config.hidden;
  if (file.Has({"word_embed_proj_dim"})) {
    PS_ASSIGN_OR_RETURN(config.embedding_width, file.Size({"word_embed_proj_dim"}));
  }
  if (config.hidden % config.heads == 0) return absl::OkStatus();
  return file.Invalid("hidden_size", absl::StrCat("is ", config.hidden, ", no multiple of the ", config.heads,
                                                  " heads of `num_attention_heads`"));
}

absl::StatusOr<Config> ReadConfig(const ConfigFile& file) {
  Config config;
  PS_RETURN_IF_ERROR(ReadSizes(file, config));
  PS_ASSIGN_OR_RETURN(config.norm_before, file.BoolOr({"do_layer_norm_before"}, true));
  PS_ASSIGN_OR_RETURN(const bool removed, file.BoolOr({"_remove_final_layer_norm"}, false));
  config.final_norm = config.norm_before && !removed;
  PS_ASSIGN_OR_RETURN(config.norm_weights, file.BoolOr({"layer_norm_elementwise_affine"}, true));
  PS_ASSIGN_OR_RETURN(config.biases, file.BoolOr({"enable_bias"}, true));
  PS_ASSIGN_OR_RETURN(config.tied, file.BoolOr({"tie_word_embeddings"}, true));
  PS_ASSIGN_OR_RETURN(config.activation, ReadActivation(file, {"activation_function"}, "relu"));
  return config;
}

// One map to what the three give side by side.
Linear Stack(const Linear& query, const Linear& key, const Linear& value) {
  Linear all;
  all.weight = at::cat({query.weight, key.weight, value.weight});
  if (query.bias.defined()) all.bias = at::cat({query.bias, key.bias, value.bias});
  return all;
}

std::string Prefix(const WeightSource& weights) {
  return StoredPrefix(weights, {"model.decoder.", "decoder."}, "embed_tokens.weight");
}

class Opt : public Model {
 public:
  explicit Opt(const Config& config) : config_(config) {}

  int64_t layers() const override { return config_.layers; }
  int64_t hidden_size() const override { return config_.hidden; }
  int64_t vocab_size() const override { return config_.vocab; }
  int64_t max_positions() const override { return config_.positions; }
  std::string BlockPrefix(int64_t layer) const override { return absl::StrCat("layers.", layer, "."); }

  absl::StatusOr<std::unique_ptr<Embedding>> LoadEmbedding(WeightSource& weights) const override {
    const std::string prefix = Prefix(weights);
    EmbeddingTableWeights loaded;
    PS_ASSIGN_OR_RETURN(loaded.tokens, weights.Read(prefix + "embed_tokens.weight",
                                                    {config_.vocab, config_.embedding_width}));
    PS_ASSIGN_OR_RETURN(const at::Tensor positions,
                        weights.Read(prefix + "embed_positions.weight",
                                     {config_.positions + kPositionOffset, config_.hidden}));
    loaded.positions = positions.narrow(0, kPositionOffset, config_.positions);
    if (config_.projected()) {
      PS_ASSIGN_OR_RETURN(loaded.projection, LoadWithoutBias(weights, prefix + "project_in", config_.hidden,
                                                             config_.embedding_width));
    }
    return std::make_unique<EmbeddingTable>(std::move(loaded));
  }

  absl::StatusOr<std::unique_ptr<Block>> LoadBlock(WeightSource& weights, int64_t layer) const override {
    const std::string prefix = Prefix(weights) + BlockPrefix(layer);
    const int64_t hidden = config_.hidden;
    SequentialBlockWeights loaded;
    PS_ASSIGN_OR_RETURN(loaded.attention_norm, LoadNorm(weights, prefix + "self_attn_layer_norm"));
    PS_ASSIGN_OR_RETURN(const Linear query, Load(weights, prefix + "self_attn.q_proj", hidden, hidden));
    PS_ASSIGN_OR_RETURN(const Linear key, Load(weights, prefix + "self_attn.k_proj", hidden, hidden));
    PS_ASSIGN_OR_RETURN(const Linear value, Load(weights, prefix + "self_attn.v_proj", hidden, hidden));
    loaded.query_key_value = Stack(query, key, value);
    PS_ASSIGN_OR_RETURN(loaded.dense, Load(weights, prefix + "self_attn.out_proj", hidden, hidden));
    PS_ASSIGN_OR_RETURN(loaded.mlp_norm, LoadNorm(weights, prefix + "final_layer_norm"));
    PS_ASSIGN_OR_RETURN(loaded.up, Load(weights, prefix + "fc1", config_.intermediate, hidden));
    PS_ASSIGN_OR_RETURN(loaded.down, Load(weights, prefix + "fc2", hidden, config_.intermediate));
    const double scale = 1.0 / std::sqrt(static_cast<double>(hidden / config_.heads));
    const SequentialBlockOptions options{config_.heads, scale,
                                         config_.norm_before ? NormPlace::kBefore : NormPlace::kAfter,
                                         config_.activation};
    return std::make_unique<SequentialBlock>(options, std::move(loaded));
  }

  absl::StatusOr<std::unique_ptr<Head>> LoadHead(WeightSource& weights) const override {
    const std::string prefix = Prefix(weights);
    UnembeddingWeights loaded;
    if (config_.final_norm) {
      PS_ASSIGN_OR_RETURN(loaded.norm, LoadNorm(weights, prefix + "final_layer_norm"));
    }
    if (config_.projected()) {
      PS_ASSIGN_OR_RETURN(loaded.projection, LoadWithoutBias(weights, prefix + "project_out",
                                                             config_.embedding_width, config_.hidden));
    }
    PS_ASSIGN_OR_RETURN(
        loaded.unembedding,
        LoadWithoutBias(weights, UnembeddingName(weights, config_.tied, prefix + "embed_tokens"),
                        config_.vocab, config_.embedding_width));
    return std::make_unique<Unembedding>(std::move(loaded));
  }

 private:
  static absl::StatusOr<Linear> LoadWithoutBias(WeightSource& weights, const std::string& name, int64_t out,
                                                int64_t in) {
    Linear linear;
    PS_ASSIGN_OR_RETURN(linear.weight, weights.Read(name + ".weight", {out, in}));
    return linear;
  }

  // A bias that the configuration denies is not read even when it is stored.
  absl::StatusOr<Linear> Load(WeightSource& weights, const std::string& name, int64_t out, int64_t in) const {
    PS_ASSIGN_OR_RETURN(Linear linear, LoadWithoutBias(weights, name, out, in));
    if (config_.biases) {
      PS_ASSIGN_OR_RETURN(linear.bias, weights.Read(name + ".bias", {out}));
    }
    return linear;
  }

  absl::StatusOr<LayerNorm> LoadNorm(WeightSource& weights, const std::string& name) const {
    if (config_.norm_weights) return LoadLayerNorm(weights, name, config_.hidden, kNormEpsilon);
    LayerNorm norm;
    norm.epsilon = kNormEpsilon;
    return norm;
  }

  const Config config_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> CreateOpt(const ConfigFile& file) {
  PS_ASSIGN_OR_RETURN(const Config config, ReadConfig(file));
  return std::make_unique<Opt>(config);
}

}  // namespace probesweep::worker
