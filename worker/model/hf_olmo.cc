#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "worker/model/decoder.h"
#include "worker/model/llama_family.h"

namespace probesweep::worker {
namespace {

// The defaults are those of ai2-olmo's ModelConfig, which are GPT-2's rather than any OLMo's.
absl::Status RefuseOtherBlocks(const ConfigFile& file) {
  struct Flag {
    const char* field;
    bool otherwise, implemented;
  };
  for (const Flag& flag : {Flag{"rope", false, true}, Flag{"alibi", false, false},
                           Flag{"embedding_layer_norm", false, false}, Flag{"scale_logits", false, false}}) {
    PS_ASSIGN_OR_RETURN(const bool value, file.BoolOr({flag.field}, flag.otherwise));
    const auto word = [](bool b) { return b ? "true" : "false"; };
    if (value != flag.implemented)
      return file.NotImplemented(flag.field, word(value), word(flag.implemented));
  }
  struct Word {
    const char *field, *implemented;
  };
  for (const Word& word : {Word{"activation_type", "swiglu"}, Word{"block_type", "sequential"}}) {
    PS_ASSIGN_OR_RETURN(const std::string value, file.StringOr({word.field}, word.implemented));
    if (value != word.implemented) {
      return file.NotImplemented(word.field, absl::StrCat("'", value, "'"), word.implemented);
    }
  }
  PS_ASSIGN_OR_RETURN(const double grouped, file.NumberOr({"block_group_size"}, 1));
  if (grouped != 1) return file.NotImplemented("block_group_size", absl::StrCat(grouped), "1");
  return absl::OkStatus();
}

absl::StatusOr<int64_t> SizeOr(const ConfigFile& file, const char* field, int64_t otherwise) {
  if (!file.Has({field})) return otherwise;
  return file.Size({field});
}

absl::Status ReadKeyValueHeads(const ConfigFile& file, GroupedAttentionOptions& attention) {
  PS_ASSIGN_OR_RETURN(const bool one, file.BoolOr({"multi_query_attention"}, false));
  const int64_t otherwise = one ? 1 : attention.heads;
  PS_ASSIGN_OR_RETURN(attention.key_value_heads, SizeOr(file, "n_kv_heads", otherwise));
  if (file.Has({"multi_query_attention"}) && attention.key_value_heads != otherwise) {
    return file.Invalid("multi_query_attention",
                        absl::StrCat("contradicts the ", attention.key_value_heads, " of `n_kv_heads`"));
  }
  if (attention.heads % attention.key_value_heads == 0) return absl::OkStatus();
  return file.Invalid("n_kv_heads", absl::StrCat("is ", attention.key_value_heads, ", no divisor of the ",
                                                 attention.heads, " heads of `n_heads`"));
}

absl::Status ReadAttention(const ConfigFile& file, GroupedAttentionOptions& attention) {
  PS_ASSIGN_OR_RETURN(attention.hidden, SizeOr(file, "d_model", 768));
  PS_ASSIGN_OR_RETURN(attention.heads, SizeOr(file, "n_heads", 12));
  PS_RETURN_IF_ERROR(ReadKeyValueHeads(file, attention));
  if (attention.hidden % attention.heads != 0) {
    return file.Invalid("d_model", absl::StrCat("is ", attention.hidden, ", no multiple of the ",
                                                attention.heads, " heads of `n_heads`"));
  }
  attention.head_dim = attention.hidden / attention.heads;
  PS_RETURN_IF_ERROR(CheckRotated(file, "d_model", attention.head_dim));
  PS_ASSIGN_OR_RETURN(const double theta, file.NumberOr({"rope_theta"}, 10000));
  if (theta <= 0) return file.Invalid("rope_theta", "must be above 0");
  attention.rotary.dimensions = attention.head_dim;
  attention.rotary.frequencies = RotaryFrequencies(theta, attention.head_dim);
  PS_ASSIGN_OR_RETURN(attention.clip, ReadClip(file));
  PS_ASSIGN_OR_RETURN(const bool normed, file.BoolOr({"attention_layer_norm"}, false));
  if (normed) attention.norm = QueryKeyNorm::kAllHeads;
  return absl::OkStatus();
}

absl::Status ReadNorms(const ConfigFile& file, bool biased, DecoderOptions& options) {
  PS_ASSIGN_OR_RETURN(const std::string type, file.StringOr({"layer_norm_type"}, "default"));
  // "low_precision" differs from "default" under automatic casting only.
  if (type == "default" || type == "low_precision") {
    options.norm.form = NormForm::kLayer;
  } else if (type != "rms") {
    return file.NotImplemented("layer_norm_type", absl::StrCat("'", type, "'"),
                               "default, low_precision, rms");
  }
  PS_ASSIGN_OR_RETURN(options.norm.epsilon, file.NumberOr({"layer_norm_eps"}, 1e-5));
  if (options.norm.epsilon < 0) return file.Invalid("layer_norm_eps", "must not be below 0");
  PS_ASSIGN_OR_RETURN(const bool norm_biased, file.BoolOr({"bias_for_layer_norm"}, biased));
  const auto set = [norm_biased](bool affine, NormOptions& norm) {
    norm.weighted = affine;
    norm.biased = affine && norm_biased;
  };
  PS_ASSIGN_OR_RETURN(const bool affine, file.BoolOr({"layer_norm_with_affine"}, true));
  PS_ASSIGN_OR_RETURN(const bool attention_affine, file.BoolOr({"attention_layer_norm_with_affine"}, true));
  options.attention.norm_form = options.norm;
  set(affine, options.norm);
  set(attention_affine, options.attention.norm_form);
  PS_ASSIGN_OR_RETURN(const bool after, file.BoolOr({"norm_after"}, false));
  if (after) options.norm_place = DecoderNormPlace::kAfter;
  return absl::OkStatus();
}

absl::Status ReadMlp(const ConfigFile& file, GatedMlpOptions& mlp) {
  PS_ASSIGN_OR_RETURN(const int64_t ratio, SizeOr(file, "mlp_ratio", 4));
  PS_ASSIGN_OR_RETURN(const int64_t both, SizeOr(file, "mlp_hidden_size", ratio * mlp.hidden));
  if (both % 2 != 0) {
    return file.Invalid("mlp_hidden_size",
                        absl::StrCat("is ", both, ", which has no halves for gate and values"));
  }
  mlp.intermediate = both / 2;
  PS_ASSIGN_OR_RETURN(mlp.activation, ReadActivation(file, {}, "silu"));
  return absl::OkStatus();
}

// The table of embeddings may be padded; logits are as wide as it is.
absl::Status ReadVocabulary(const ConfigFile& file, DecoderOptions& options) {
  PS_ASSIGN_OR_RETURN(const int64_t vocab, SizeOr(file, "vocab_size", 50257));
  const int64_t otherwise = file.IsNull("embedding_size") ? vocab : 50304;
  PS_ASSIGN_OR_RETURN(options.vocab, SizeOr(file, "embedding_size", otherwise));
  if (options.vocab >= vocab) return absl::OkStatus();
  return file.Invalid("embedding_size",
                      absl::StrCat("is ", options.vocab, ", below the ", vocab, " of `vocab_size`"));
}

// The decoder's names for what is stored under the authors' own.
class Parts {
 public:
  Parts(const DecoderOptions& options, bool biased) : options_(options), biased_(biased) {}

  std::map<std::string, StoredPart> All() {
    Add("model.embed_tokens.weight", {"model.transformer.wte.weight"});
    if (!options_.tied) AddLinear("lm_head", "model.transformer.ff_out", 0, -1);
    AddNorm("model.norm", "model.transformer.ln_f", options_.norm);
    for (int64_t layer = 0; layer < options_.layers; ++layer) AddBlock(layer);
    return std::move(parts_);
  }

 private:
  void Add(const std::string& name, StoredPart part) { parts_[name] = std::move(part); }

  void AddLinear(const std::string& name, const std::string& stored, int64_t first, int64_t rows) {
    Add(name + ".weight", {stored + ".weight", first, rows});
    if (biased_) Add(name + ".bias", {stored + ".bias", first, rows});
  }

  void AddNorm(const std::string& name, const std::string& stored, const NormOptions& norm) {
    if (norm.weighted) Add(name + ".weight", {stored + ".weight"});
    if (norm.biased) Add(name + ".bias", {stored + ".bias"});
  }

  void AddBlock(int64_t layer) {
    const std::string name = absl::StrCat("model.layers.", layer, ".");
    const std::string stored = absl::StrCat("model.transformer.blocks.", layer, ".");
    const GroupedAttentionOptions& attention = options_.attention;
    const bool before = options_.norm_place == DecoderNormPlace::kBefore;
    AddNorm(name + (before ? "input_layernorm" : "post_attention_layernorm"), stored + "attn_norm",
            options_.norm);
    AddNorm(name + (before ? "post_attention_layernorm" : "post_feedforward_layernorm"), stored + "ff_norm",
            options_.norm);
    const int64_t keys = attention.key_value_heads * attention.head_dim;
    AddLinear(name + "self_attn.q_proj", stored + "att_proj", 0, attention.hidden);
    AddLinear(name + "self_attn.k_proj", stored + "att_proj", attention.hidden, keys);
    AddLinear(name + "self_attn.v_proj", stored + "att_proj", attention.hidden + keys, keys);
    AddLinear(name + "self_attn.o_proj", stored + "attn_out", 0, -1);
    if (attention.norm == QueryKeyNorm::kAllHeads) {
      AddNorm(name + "self_attn.q_norm", stored + "q_norm", attention.norm_form);
      AddNorm(name + "self_attn.k_norm", stored + "k_norm", attention.norm_form);
    }
    // The second half is the gate.
    const int64_t half = options_.mlp.intermediate;
    AddLinear(name + "mlp.up_proj", stored + "ff_proj", 0, half);
    AddLinear(name + "mlp.gate_proj", stored + "ff_proj", half, half);
    AddLinear(name + "mlp.down_proj", stored + "ff_out", 0, -1);
  }

  const DecoderOptions& options_;
  const bool biased_;
  std::map<std::string, StoredPart> parts_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> CreateHfOlmo(const ConfigFile& file) {
  PS_RETURN_IF_ERROR(RefuseOtherBlocks(file));
  DecoderOptions options;
  PS_ASSIGN_OR_RETURN(options.layers, SizeOr(file, "n_layers", 12));
  constexpr int64_t kBlockTensors = 20;
  PS_RETURN_IF_ERROR(CheckNameCount(file, "n_layers", options.layers, kBlockTensors));
  PS_RETURN_IF_ERROR(ReadAttention(file, options.attention));
  PS_ASSIGN_OR_RETURN(const bool biased, file.BoolOr({"include_bias"}, true));
  options.attention.projection_bias = options.attention.output_bias = biased;
  PS_RETURN_IF_ERROR(ReadNorms(file, biased, options));
  options.mlp.hidden = options.hidden();
  options.mlp.bias = biased;
  PS_RETURN_IF_ERROR(ReadMlp(file, options.mlp));
  PS_RETURN_IF_ERROR(ReadVocabulary(file, options));
  PS_ASSIGN_OR_RETURN(options.tied, file.BoolOr({"weight_tying"}, true));
  options.unembedding_bias = biased && !options.tied;
  options.stored_parts = Parts(options, biased).All();
  return CreateDecoder(std::move(options));
}

}  // namespace probesweep::worker
