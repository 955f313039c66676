#include "worker/model/decoder.h"

#include <ATen/ATen.h>

#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/model/last_tokens.h"
#include "worker/model/linear.h"

namespace probesweep::worker {
namespace {

constexpr char kEmbedding[] = "model.embed_tokens.weight";
constexpr char kUnembedding[] = "lm_head";

class DecoderEmbedding : public Embedding {
 public:
  DecoderEmbedding(at::Tensor weight, double scale) : weight_(std::move(weight)), scale_(scale) {}
  at::Tensor Forward(const at::Tensor& ids, const PackedLayout&) const override {
    at::Tensor rows = weight_.index_select(0, ids);
    return scale_ == 1 ? rows : rows.mul_(scale_);
  }

 private:
  const at::Tensor weight_;  // [vocab, hidden]
  const double scale_;
};

using Mlp = std::variant<GatedMlp, SparseExperts>;

struct DecoderParts {
  Norm attention_norm, mlp_norm;
  GroupedAttention attention;
  Mlp mlp;
};

class DecoderBlock : public Block {
 public:
  DecoderBlock(DecoderNormPlace place, DecoderParts parts) : place_(place), parts_(std::move(parts)) {}

  at::Tensor Forward(const at::Tensor& residual, const PackedLayout& layout,
                     KeyValueCache* cache) const override {
    return Finish(residual, parts_.attention.Forward(AttentionInput(residual), layout, cache));
  }

  at::Tensor ForwardLastTokens(const at::Tensor& residual, const PackedLayout& layout) const override {
    return Finish(LastTokenRows(residual, layout),
                  parts_.attention.ForwardLastTokens(AttentionInput(residual), layout));
  }

 private:
  at::Tensor AttentionInput(const at::Tensor& residual) const {
    return place_ == DecoderNormPlace::kBefore ? parts_.attention_norm(residual) : residual;
  }

  // `residual` and `attended`: the same rows of the block's input and of the attention's output.
  at::Tensor Finish(const at::Tensor& residual, const at::Tensor& attended) const {
    if (place_ == DecoderNormPlace::kBefore) {
      const at::Tensor middle = residual + attended;
      return ApplyMlp(parts_.mlp_norm(middle)).add_(middle);
    }
    const at::Tensor middle = residual + parts_.attention_norm(attended);
    return parts_.mlp_norm(ApplyMlp(middle)).add_(middle);
  }

  at::Tensor ApplyMlp(const at::Tensor& x) const {
    return std::visit([&x](const auto& mlp) { return mlp(x); }, parts_.mlp);
  }

  const DecoderNormPlace place_;
  const DecoderParts parts_;
};

class DecoderHead : public Head {
 public:
  DecoderHead(Norm norm, Linear unembedding) : norm_(std::move(norm)), unembedding_(std::move(unembedding)) {}
  at::Tensor Forward(const at::Tensor& residual) const override { return unembedding_(norm_(residual)); }

 private:
  const Norm norm_;
  const Linear unembedding_;
};

class Decoder : public Model {
 public:
  explicit Decoder(DecoderOptions options) : options_(std::move(options)) {}

  int64_t layers() const override { return options_.layers; }
  int64_t hidden_size() const override { return options_.hidden(); }
  int64_t vocab_size() const override { return options_.vocab; }
  int64_t longest_shareable() const override { return options_.attention.rotary.longest_of_one_base(); }
  std::string BlockPrefix(int64_t layer) const override { return absl::StrCat("model.layers.", layer, "."); }

  TensorNaming Naming() const override {
    return {"model.",
            kEmbedding,
            absl::StrCat(kUnembedding, ".weight"),
            options_.tied,
            {"rotary_emb.inv_freq"},
            options_.stored_parts};
  }

  absl::StatusOr<std::unique_ptr<Embedding>> LoadEmbedding(WeightSource& weights) const override {
    PS_ASSIGN_OR_RETURN(at::Tensor weight, weights.Read(kEmbedding, {options_.vocab, options_.hidden()}));
    return std::make_unique<DecoderEmbedding>(std::move(weight), options_.embedding_scale);
  }

  absl::StatusOr<std::unique_ptr<Block>> LoadBlock(WeightSource& weights, int64_t layer) const override {
    const std::string prefix = BlockPrefix(layer);
    const bool before = options_.norm_place == DecoderNormPlace::kBefore;
    const char* attention_norm = before ? "input_layernorm" : "post_attention_layernorm";
    const char* mlp_norm = before ? "post_attention_layernorm" : "post_feedforward_layernorm";
    PS_ASSIGN_OR_RETURN(Norm first, LoadNorm(weights, prefix + attention_norm));
    PS_ASSIGN_OR_RETURN(Norm second, LoadNorm(weights, prefix + mlp_norm));
    PS_ASSIGN_OR_RETURN(GroupedAttention attention,
                        GroupedAttention::Load(weights, prefix + "self_attn.", options_.attention));
    PS_ASSIGN_OR_RETURN(Mlp mlp, LoadMlp(weights, prefix));
    return std::make_unique<DecoderBlock>(
        options_.norm_place,
        DecoderParts{std::move(first), std::move(second), std::move(attention), std::move(mlp)});
  }

  absl::StatusOr<std::unique_ptr<Head>> LoadHead(WeightSource& weights) const override {
    PS_ASSIGN_OR_RETURN(Norm norm, LoadNorm(weights, "model.norm"));
    const Bias bias = options_.unembedding_bias ? Bias::kRequired : Bias::kNone;
    PS_ASSIGN_OR_RETURN(Linear unembedding,
                        LoadLinear(weights, kUnembedding, options_.vocab, options_.hidden(), bias));
    return std::make_unique<DecoderHead>(std::move(norm), std::move(unembedding));
  }

 private:
  absl::StatusOr<Norm> LoadNorm(WeightSource& weights, const std::string& name) const {
    return Norm::Load(weights, name, options_.hidden(), options_.norm);
  }

  absl::StatusOr<Mlp> LoadMlp(WeightSource& weights, const std::string& block) const {
    if (!options_.experts.has_value()) return LoadGatedMlp(weights, block + "mlp.", options_.mlp);
    return SparseExperts::Load(weights, absl::StrCat(block, options_.experts->name, "."), *options_.experts,
                               options_.mlp);
  }

  const DecoderOptions options_;
};

}  // namespace

std::unique_ptr<Model> CreateDecoder(DecoderOptions options) {
  return std::make_unique<Decoder>(std::move(options));
}

}  // namespace probesweep::worker
