#include "worker/model/decoder.h"

#include <ATen/ATen.h>

#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/model/last_tokens.h"
#include "worker/model/linear.h"
#include "worker/model/rms_norm.h"

namespace probesweep::worker {
namespace {

constexpr char kEmbedding[] = "model.embed_tokens";
constexpr char kUnembedding[] = "lm_head";

class Norm {
 public:
  // Reads <name>.weight where the norm has weights.
  static absl::StatusOr<Norm> Load(WeightSource& weights, const std::string& name,
                                   const DecoderOptions& options) {
    Norm norm;
    if (options.norm == DecoderNorm::kPlainLayer) {
      norm.form_ = LayerNorm{{}, {}, options.norm_epsilon};
      return norm;
    }
    PS_ASSIGN_OR_RETURN(norm.form_, LoadRmsNorm(weights, name, options.hidden(), options.norm_epsilon));
    return norm;
  }

  at::Tensor operator()(const at::Tensor& x) const {
    return std::visit([&x](const auto& form) { return form(x); }, form_);
  }

 private:
  std::variant<RmsNorm, LayerNorm> form_;
};

class DecoderEmbedding : public Embedding {
 public:
  explicit DecoderEmbedding(at::Tensor weight) : weight_(std::move(weight)) {}
  at::Tensor Forward(const at::Tensor& ids, const PackedLayout&) const override {
    return weight_.index_select(0, ids);
  }

 private:
  const at::Tensor weight_;  // [vocab, hidden]
};

struct DecoderParts {
  Norm attention_norm, mlp_norm;
  GroupedAttention attention;
  GatedMlp mlp;
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
      return parts_.mlp(parts_.mlp_norm(middle)).add_(middle);
    }
    const at::Tensor middle = residual + parts_.attention_norm(attended);
    return parts_.mlp_norm(parts_.mlp(middle)).add_(middle);
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
  explicit Decoder(const DecoderOptions& options) : options_(options) {}

  int64_t layers() const override { return options_.layers; }
  int64_t hidden_size() const override { return options_.hidden(); }
  int64_t vocab_size() const override { return options_.vocab; }
  std::string BlockPrefix(int64_t layer) const override { return absl::StrCat("model.layers.", layer, "."); }

  absl::StatusOr<std::unique_ptr<Embedding>> LoadEmbedding(WeightSource& weights) const override {
    PS_ASSIGN_OR_RETURN(at::Tensor weight,
                        weights.Read(absl::StrCat(PresentOf(weights, kEmbedding, kUnembedding), ".weight"),
                                     {options_.vocab, options_.hidden()}));
    return std::make_unique<DecoderEmbedding>(std::move(weight));
  }

  absl::StatusOr<std::unique_ptr<Block>> LoadBlock(WeightSource& weights, int64_t layer) const override {
    const std::string prefix = BlockPrefix(layer);
    const bool before = options_.norm_place == DecoderNormPlace::kBefore;
    const char* attention_norm = before ? "input_layernorm" : "post_attention_layernorm";
    const char* mlp_norm = before ? "post_attention_layernorm" : "post_feedforward_layernorm";
    PS_ASSIGN_OR_RETURN(Norm first, Norm::Load(weights, prefix + attention_norm, options_));
    PS_ASSIGN_OR_RETURN(Norm second, Norm::Load(weights, prefix + mlp_norm, options_));
    PS_ASSIGN_OR_RETURN(GroupedAttention attention,
                        GroupedAttention::Load(weights, prefix + "self_attn.", options_.attention));
    PS_ASSIGN_OR_RETURN(GatedMlp mlp, LoadGatedMlp(weights, prefix + "mlp.", options_.mlp));
    return std::make_unique<DecoderBlock>(
        options_.norm_place,
        DecoderParts{std::move(first), std::move(second), std::move(attention), std::move(mlp)});
  }

  absl::StatusOr<std::unique_ptr<Head>> LoadHead(WeightSource& weights) const override {
    PS_ASSIGN_OR_RETURN(Norm norm, Norm::Load(weights, "model.norm", options_));
    PS_ASSIGN_OR_RETURN(Linear unembedding, LoadLinear(weights, PresentOf(weights, kUnembedding, kEmbedding),
                                                       options_.vocab, options_.hidden(), Bias::kNone));
    return std::make_unique<DecoderHead>(std::move(norm), std::move(unembedding));
  }

 private:
  // `name`, or `other` where the two are tied and only that is there. Where both are there each counts, as in
  // transformers 5: a checkpoint whose two tensors differ is not tied, whatever its configuration says.
  std::string PresentOf(const WeightSource& weights, const char* name, const char* other) const {
    const bool missing = !weights.Has(absl::StrCat(name, ".weight"));
    return options_.tied && missing && weights.Has(absl::StrCat(other, ".weight")) ? other : name;
  }

  const DecoderOptions options_;
};

}  // namespace

std::unique_ptr<Model> CreateDecoder(const DecoderOptions& options) {
  return std::make_unique<Decoder>(options);
}

}  // namespace probesweep::worker
