#include "worker/model/layer_norm_model.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"

namespace probesweep::worker {
namespace {

class LayerNormModel : public Model {
 public:
  explicit LayerNormModel(LayerNormModelOptions options) : options_(std::move(options)) {}

  int64_t layers() const override { return options_.sizes.layers; }
  int64_t hidden_size() const override { return options_.sizes.hidden; }
  int64_t vocab_size() const override { return options_.sizes.vocab; }
  int64_t max_positions() const override { return options_.embedding.position_count; }
  int64_t longest_shareable() const override {
    return options_.block.attention.rotary.longest_of_one_base();
  }
  std::string BlockPrefix(int64_t layer) const override { return absl::StrCat(options_.blocks, layer, "."); }

  absl::StatusOr<std::unique_ptr<Embedding>> LoadEmbedding(WeightSource& weights) const override {
    return LoadEmbeddingTable(weights, options_.sizes, options_.embedding);
  }

  absl::StatusOr<std::unique_ptr<Block>> LoadBlock(WeightSource& weights, int64_t layer) const override {
    LayerNormBlockOptions block = options_.block;
    if (options_.scores_by_layer) block.attention.score_divisor = static_cast<double>(layer + 1);
    return LoadLayerNormBlock(weights, BlockPrefix(layer), options_.sizes, block);
  }

  absl::StatusOr<std::unique_ptr<Head>> LoadHead(WeightSource& weights) const override {
    return LoadUnembedding(weights, options_.sizes, options_.unembedding);
  }

  TensorNaming Naming() const override { return options_.naming; }

 private:
  const LayerNormModelOptions options_;
};

}  // namespace

std::unique_ptr<Model> CreateLayerNormModel(LayerNormModelOptions options) {
  options.naming.embedding = absl::StrCat(options.embedding.tokens, ".weight");
  options.naming.unembedding = absl::StrCat(options.unembedding.unembedding, ".weight");
  return std::make_unique<LayerNormModel>(std::move(options));
}

void SetNorms(const NormOptions& norm, LayerNormModelOptions& options) {
  options.embedding.norm_options = norm;
  options.block.norm = norm;
  options.block.attention.norm_epsilon = norm.epsilon;
  options.unembedding.norm_options = norm;
}

absl::Status ReadNorms(const ConfigFile& file, const char* field, LayerNormModelOptions& options) {
  NormOptions norm{NormForm::kLayer};
  norm.biased = true;
  PS_ASSIGN_OR_RETURN(norm.epsilon, file.NumberOr({field}, 1e-5));
  if (norm.epsilon < 0) return file.Invalid(field, "must not be below 0");
  SetNorms(norm, options);
  return absl::OkStatus();
}

}  // namespace probesweep::worker
