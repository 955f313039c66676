#include "worker/model/bloom.h"

#include <ATen/ATen.h>

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/model/alibi.h"
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
  int64_t vocab = 0;
  double norm_epsilon = 1e-5;
  bool residual_after_norm = false;
  bool tied = true;

  int64_t head_dim() const { return hidden / heads; }
};

absl::StatusOr<Config> ReadConfig(const ConfigFile& file) {
  Config config;
  PS_ASSIGN_OR_RETURN(config.layers, file.Size({"n_layer", "num_hidden_layers"}));
  // The older name counts where both are there.
  const char* const width = file.Has({"n_embed"}) ? "n_embed" : "hidden_size";
  PS_ASSIGN_OR_RETURN(config.hidden, file.Size({width}));
  PS_ASSIGN_OR_RETURN(config.heads, file.Size({"n_head", "num_attention_heads"}));
  PS_ASSIGN_OR_RETURN(config.vocab, file.Size({"vocab_size"}));
  if (config.hidden % config.heads != 0) {
    return file.Invalid(width, absl::StrCat("is ", config.hidden, ", no multiple of the ", config.heads,
                                            " heads of `n_head`"));
  }
  PS_ASSIGN_OR_RETURN(config.norm_epsilon, file.NumberOr({"layer_norm_epsilon"}, 1e-5));
  PS_ASSIGN_OR_RETURN(config.residual_after_norm,
                      file.BoolOr({"apply_residual_connection_post_layernorm"}, false));
  PS_ASSIGN_OR_RETURN(config.tied, file.BoolOr({"tie_word_embeddings"}, true));
  PS_ASSIGN_OR_RETURN(const bool sliced, file.BoolOr({"slow_but_exact"}, false));
  PS_ASSIGN_OR_RETURN(const double slices, file.NumberOr({"pretraining_tp"}, 1));
  // That path of transformers sums the products slice by slice, and leaves out their biases.
  if (sliced && slices > 1) return file.NotImplemented("slow_but_exact", "true", "false");
  return config;
}

at::Tensor GeluTanh(at::Tensor x) { return at::gelu_(x, "tanh"); }

// From [heads, 3, head_dim], where each head's query, key and value lie side by side, to [3, heads,
// head_dim].
void RegroupRows(Linear& linear, int64_t heads) {
  for (at::Tensor* rows : {&linear.weight, &linear.bias}) {
    if (!rows->defined()) continue;
    const at::Tensor apart = rows->view({heads, 3, rows->size(0) / (3 * heads), -1});
    *rows = apart.transpose(0, 1).reshape(rows->sizes());
  }
}

std::string Prefix(const WeightSource& weights) {
  return StoredPrefix(weights, {"transformer.", ""}, "word_embeddings.weight");
}

class Bloom : public Model {
 public:
  explicit Bloom(const Config& config) : config_(config) {}

  int64_t layers() const override { return config_.layers; }
  int64_t hidden_size() const override { return config_.hidden; }
  int64_t vocab_size() const override { return config_.vocab; }
  std::string BlockPrefix(int64_t layer) const override { return absl::StrCat("h.", layer, "."); }

  absl::StatusOr<std::unique_ptr<Embedding>> LoadEmbedding(WeightSource& weights) const override {
    const std::string prefix = Prefix(weights);
    EmbeddingTableWeights loaded;
    PS_ASSIGN_OR_RETURN(loaded.tokens,
                        weights.Read(prefix + "word_embeddings.weight", {config_.vocab, config_.hidden}));
    PS_ASSIGN_OR_RETURN(loaded.norm, LoadNorm(weights, prefix + "word_embeddings_layernorm"));
    return std::make_unique<EmbeddingTable>(std::move(loaded));
  }

  absl::StatusOr<std::unique_ptr<Block>> LoadBlock(WeightSource& weights, int64_t layer) const override {
    const std::string prefix = Prefix(weights) + BlockPrefix(layer);
    const int64_t hidden = config_.hidden;
    SequentialBlockWeights loaded;
    PS_ASSIGN_OR_RETURN(loaded.attention_norm, LoadNorm(weights, prefix + "input_layernorm"));
    PS_ASSIGN_OR_RETURN(loaded.query_key_value,
                        LoadLinear(weights, prefix + "self_attention.query_key_value", 3 * hidden, hidden));
    RegroupRows(loaded.query_key_value, config_.heads);
    PS_ASSIGN_OR_RETURN(loaded.dense, LoadLinear(weights, prefix + "self_attention.dense", hidden, hidden));
    PS_ASSIGN_OR_RETURN(loaded.mlp_norm, LoadNorm(weights, prefix + "post_attention_layernorm"));
    PS_ASSIGN_OR_RETURN(loaded.up, LoadLinear(weights, prefix + "mlp.dense_h_to_4h", 4 * hidden, hidden));
    PS_ASSIGN_OR_RETURN(loaded.down, LoadLinear(weights, prefix + "mlp.dense_4h_to_h", hidden, 4 * hidden));
    loaded.alibi = AlibiSlopes(config_.heads);
    const SequentialBlockOptions options{
        config_.heads, 1.0 / std::sqrt(static_cast<double>(config_.head_dim())),
        config_.residual_after_norm ? NormPlace::kBeforeAndResidual : NormPlace::kBefore, GeluTanh};
    return std::make_unique<SequentialBlock>(options, std::move(loaded));
  }

  absl::StatusOr<std::unique_ptr<Head>> LoadHead(WeightSource& weights) const override {
    const std::string prefix = Prefix(weights);
    UnembeddingWeights loaded;
    PS_ASSIGN_OR_RETURN(loaded.norm, LoadNorm(weights, prefix + "ln_f"));
    PS_ASSIGN_OR_RETURN(
        loaded.unembedding,
        LoadLinear(weights, UnembeddingName(weights, config_.tied, prefix + "word_embeddings"), config_.vocab,
                   config_.hidden));
    return std::make_unique<Unembedding>(std::move(loaded));
  }

 private:
  absl::StatusOr<LayerNorm> LoadNorm(WeightSource& weights, const std::string& name) const {
    return LoadLayerNorm(weights, name, config_.hidden, config_.norm_epsilon);
  }

  const Config config_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> CreateBloom(const ConfigFile& file) {
  PS_ASSIGN_OR_RETURN(const Config config, ReadConfig(file));
  return std::make_unique<Bloom>(config);
}

}  // namespace probesweep::worker
