#include "worker/model/gpt2.h"

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

struct Config {
  int64_t layers = 0;
  int64_t hidden = 0;
  int64_t heads = 0;
  int64_t intermediate = 0;
  int64_t vocab = 0;
  int64_t positions = 0;
  double norm_epsilon = 1e-5;
  bool scale_by_head = true;    // scores / √head_dim
  bool scale_by_layer = false;  // scores / (layer + 1)
  bool tied = true;
  Activation activation = nullptr;

  double Scale(int64_t layer) const {
    const double scale = scale_by_head ? 1.0 / std::sqrt(static_cast<double>(hidden / heads)) : 1.0;
    return scale_by_layer ? scale / static_cast<double>(layer + 1) : scale;
  }
};

// Optional ones as transformers has them: a field that is null or absent takes its default.
absl::StatusOr<int64_t> SizeOr(const ConfigFile& file, ConfigFile::Spellings field, int64_t otherwise) {
  if (!file.Has(field)) return otherwise;
  return file.Size(field);
}

absl::StatusOr<Config> ReadConfig(const ConfigFile& file) {
  Config config;
  PS_ASSIGN_OR_RETURN(config.layers, file.Size({"n_layer", "num_hidden_layers"}));
  PS_ASSIGN_OR_RETURN(config.hidden, file.Size({"n_embd", "hidden_size"}));
  PS_ASSIGN_OR_RETURN(config.heads, file.Size({"n_head", "num_attention_heads"}));
  PS_ASSIGN_OR_RETURN(config.vocab, file.Size({"vocab_size"}));
  PS_ASSIGN_OR_RETURN(config.intermediate, SizeOr(file, {"n_inner"}, 4 * config.hidden));
  PS_ASSIGN_OR_RETURN(config.positions, SizeOr(file, {"n_positions", "max_position_embeddings"}, 1024));
  if (config.hidden % config.heads != 0) {
    return file.Invalid("n_embd", absl::StrCat("is ", config.hidden, ", no multiple of the ", config.heads,
                                               " heads of `n_head`"));
  }
  PS_ASSIGN_OR_RETURN(config.norm_epsilon, file.NumberOr({"layer_norm_epsilon"}, 1e-5));
  PS_ASSIGN_OR_RETURN(config.scale_by_head, file.BoolOr({"scale_attn_weights"}, true));
  PS_ASSIGN_OR_RETURN(config.scale_by_layer, file.BoolOr({"scale_attn_by_inverse_layer_idx"}, false));
  PS_ASSIGN_OR_RETURN(config.tied, file.BoolOr({"tie_word_embeddings"}, true));
  PS_ASSIGN_OR_RETURN(config.activation, ReadActivation(file, {"activation_function"}, "gelu_new"));
  PS_ASSIGN_OR_RETURN(const bool crossed, file.BoolOr({"add_cross_attention"}, false));
  if (crossed) return file.NotImplemented("add_cross_attention", "true", "false");
  return config;
}

// A linear map whose weight is stored as [in, out].
absl::StatusOr<Linear> LoadConv1D(WeightSource& weights, const std::string& prefix, int64_t out, int64_t in) {
  Linear linear;
  PS_ASSIGN_OR_RETURN(const at::Tensor weight, weights.Read(prefix + ".weight", {in, out}));
  linear.weight = weight.t();
  PS_ASSIGN_OR_RETURN(linear.bias, weights.Read(prefix + ".bias", {out}));
  return linear;
}

std::string Prefix(const WeightSource& weights) {
  return StoredPrefix(weights, {"transformer.", ""}, "wte.weight");
}

class Gpt2 : public Model {
 public:
  explicit Gpt2(const Config& config) : config_(config) {}

  int64_t layers() const override { return config_.layers; }
  int64_t hidden_size() const override { return config_.hidden; }
  int64_t vocab_size() const override { return config_.vocab; }
  int64_t max_positions() const override { return config_.positions; }
  std::string BlockPrefix(int64_t layer) const override { return absl::StrCat("h.", layer, "."); }

  absl::StatusOr<std::unique_ptr<Embedding>> LoadEmbedding(WeightSource& weights) const override {
    const std::string prefix = Prefix(weights);
    EmbeddingTableWeights loaded;
    PS_ASSIGN_OR_RETURN(loaded.tokens, weights.Read(prefix + "wte.weight", {config_.vocab, config_.hidden}));
    PS_ASSIGN_OR_RETURN(loaded.positions,
                        weights.Read(prefix + "wpe.weight", {config_.positions, config_.hidden}));
    return std::make_unique<EmbeddingTable>(std::move(loaded));
  }

  absl::StatusOr<std::unique_ptr<Block>> LoadBlock(WeightSource& weights, int64_t layer) const override {
    const std::string prefix = Prefix(weights) + BlockPrefix(layer);
    const int64_t hidden = config_.hidden;
    SequentialBlockWeights loaded;
    PS_ASSIGN_OR_RETURN(loaded.attention_norm,
                        LoadLayerNorm(weights, prefix + "ln_1", hidden, config_.norm_epsilon));
    PS_ASSIGN_OR_RETURN(loaded.query_key_value,
                        LoadConv1D(weights, prefix + "attn.c_attn", 3 * hidden, hidden));
    PS_ASSIGN_OR_RETURN(loaded.dense, LoadConv1D(weights, prefix + "attn.c_proj", hidden, hidden));
    PS_ASSIGN_OR_RETURN(loaded.mlp_norm,
                        LoadLayerNorm(weights, prefix + "ln_2", hidden, config_.norm_epsilon));
    PS_ASSIGN_OR_RETURN(loaded.up, LoadConv1D(weights, prefix + "mlp.c_fc", config_.intermediate, hidden));
    PS_ASSIGN_OR_RETURN(loaded.down,
                        LoadConv1D(weights, prefix + "mlp.c_proj", hidden, config_.intermediate));
    const SequentialBlockOptions options{config_.heads, config_.Scale(layer), NormPlace::kBefore,
                                         config_.activation};
    return std::make_unique<SequentialBlock>(options, std::move(loaded));
  }

  absl::StatusOr<std::unique_ptr<Head>> LoadHead(WeightSource& weights) const override {
    const std::string prefix = Prefix(weights);
    UnembeddingWeights loaded;
    PS_ASSIGN_OR_RETURN(loaded.norm,
                        LoadLayerNorm(weights, prefix + "ln_f", config_.hidden, config_.norm_epsilon));
    PS_ASSIGN_OR_RETURN(loaded.unembedding,
                        LoadLinear(weights, UnembeddingName(weights, config_.tied, prefix + "wte"),
                                   config_.vocab, config_.hidden));
    return std::make_unique<Unembedding>(std::move(loaded));
  }

 private:
  const Config config_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> CreateGpt2(const ConfigFile& file) {
  PS_ASSIGN_OR_RETURN(const Config config, ReadConfig(file));
  return std::make_unique<Gpt2>(config);
}

}  // namespace probesweep::worker
