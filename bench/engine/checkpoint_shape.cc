#include "bench/engine/checkpoint_shape.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace probesweep::worker {
namespace {

using nlohmann::json;
using Start = ShapedTensor::Start;

struct Sizes {
  int64_t layers, hidden, heads, key_value_heads, intermediate, vocabulary;
};

// LLaMA: LLM360/Amber and Llama 2 70B.
CheckpointShape Llama(const Sizes& sizes, double epsilon, int64_t positions) {
  CheckpointShape shape;
  shape.config = json{{"architectures", {"LlamaForCausalLM"}},
                      {"model_type", "llama"},
                      {"hidden_size", sizes.hidden},
                      {"intermediate_size", sizes.intermediate},
                      {"num_hidden_layers", sizes.layers},
                      {"num_attention_heads", sizes.heads},
                      {"num_key_value_heads", sizes.key_value_heads},
                      {"vocab_size", sizes.vocabulary},
                      {"max_position_embeddings", positions},
                      {"rms_norm_eps", epsilon},
                      {"hidden_act", "silu"},
                      {"rope_theta", 10000.0},
                      {"tie_word_embeddings", false},
                      {"bos_token_id", 1},
                      {"eos_token_id", 2}};
  const int64_t key_value = sizes.hidden / sizes.heads * sizes.key_value_heads;
  std::vector<ShapedTensor>& tensors = shape.tensors;
  tensors.push_back({"model.embed_tokens.weight", {sizes.vocabulary, sizes.hidden}});
  for (int64_t layer = 0; layer < sizes.layers; ++layer) {
    const std::string block = absl::StrCat("model.layers.", layer, ".");
    tensors.push_back({block + "input_layernorm.weight", {sizes.hidden}, Start::kOnes});
    tensors.push_back({block + "self_attn.q_proj.weight", {sizes.hidden, sizes.hidden}});
    tensors.push_back({block + "self_attn.k_proj.weight", {key_value, sizes.hidden}});
    tensors.push_back({block + "self_attn.v_proj.weight", {key_value, sizes.hidden}});
    tensors.push_back({block + "self_attn.o_proj.weight", {sizes.hidden, sizes.hidden}});
    tensors.push_back({block + "post_attention_layernorm.weight", {sizes.hidden}, Start::kOnes});
    tensors.push_back({block + "mlp.gate_proj.weight", {sizes.intermediate, sizes.hidden}});
    tensors.push_back({block + "mlp.up_proj.weight", {sizes.intermediate, sizes.hidden}});
    tensors.push_back({block + "mlp.down_proj.weight", {sizes.hidden, sizes.intermediate}});
  }
  tensors.push_back({"model.norm.weight", {sizes.hidden}, Start::kOnes});
  tensors.push_back({"lm_head.weight", {sizes.vocabulary, sizes.hidden}});
  return shape;
}

void AddAffine(const std::string& prefix, std::vector<int64_t> weight, Start start,
               std::vector<ShapedTensor>& tensors) {
  const int64_t out = weight[0];
  tensors.push_back({prefix + ".weight", std::move(weight), start});
  tensors.push_back({prefix + ".bias", {out}, Start::kZeros});
}

// GPT-NeoX as EleutherAI's Pythia has it: parallel residual, a quarter of each head rotated.
CheckpointShape Pythia(const Sizes& sizes) {
  CheckpointShape shape;
  shape.config = json{{"architectures", {"GPTNeoXForCausalLM"}},
                      {"model_type", "gpt_neox"},
                      {"hidden_size", sizes.hidden},
                      {"intermediate_size", sizes.intermediate},
                      {"num_hidden_layers", sizes.layers},
                      {"num_attention_heads", sizes.heads},
                      {"vocab_size", sizes.vocabulary},
                      {"max_position_embeddings", 2048},
                      {"layer_norm_eps", 1e-5},
                      {"hidden_act", "gelu"},
                      {"rotary_pct", 0.25},
                      {"rotary_emb_base", 10000},
                      {"use_parallel_residual", true},
                      {"tie_word_embeddings", false},
                      {"bos_token_id", 0},
                      {"eos_token_id", 0}};
  const int64_t hidden = sizes.hidden;
  std::vector<ShapedTensor>& tensors = shape.tensors;
  tensors.push_back({"gpt_neox.embed_in.weight", {sizes.vocabulary, hidden}});
  for (int64_t layer = 0; layer < sizes.layers; ++layer) {
    const std::string block = absl::StrCat("gpt_neox.layers.", layer, ".");
    AddAffine(block + "input_layernorm", {hidden}, Start::kOnes, tensors);
    AddAffine(block + "post_attention_layernorm", {hidden}, Start::kOnes, tensors);
    AddAffine(block + "attention.query_key_value", {3 * hidden, hidden}, Start::kNormal, tensors);
    AddAffine(block + "attention.dense", {hidden, hidden}, Start::kNormal, tensors);
    AddAffine(block + "mlp.dense_h_to_4h", {sizes.intermediate, hidden}, Start::kNormal, tensors);
    AddAffine(block + "mlp.dense_4h_to_h", {hidden, sizes.intermediate}, Start::kNormal, tensors);
  }
  AddAffine("gpt_neox.final_layer_norm", {hidden}, Start::kOnes, tensors);
  tensors.push_back({"embed_out.weight", {sizes.vocabulary, hidden}});
  return shape;
}

}  // namespace

const std::vector<std::string>& KnownShapes() {
  static const auto* const shapes =
      new std::vector<std::string>{"llama-7b", "llama-70b-10", "pythia-1.4b", "pythia-160m"};
  return *shapes;
}

absl::StatusOr<CheckpointShape> ShapeNamed(const std::string& name, int64_t layers) {
  const auto blocks = [layers](int64_t own) { return layers > 0 ? layers : own; };
  if (name == "llama-7b") return Llama({blocks(32), 4096, 32, 32, 11008, 32000}, 1e-6, 2048);
  if (name == "llama-70b-10") return Llama({blocks(10), 8192, 64, 8, 28672, 32000}, 1e-5, 4096);
  if (name == "pythia-1.4b") return Pythia({blocks(24), 2048, 16, 16, 8192, 50304});
  if (name == "pythia-160m") return Pythia({blocks(12), 768, 12, 12, 3072, 50304});
  return absl::InvalidArgumentError(
      absl::StrCat("no shape '", name, "'; there are ", absl::StrJoin(KnownShapes(), ", ")));
}

}  // namespace probesweep::worker
