// The decoder that Llama and its kin are: one block, whose options say how they differ.
#ifndef PROBESWEEP_WORKER_MODEL_DECODER_H_
#define PROBESWEEP_WORKER_MODEL_DECODER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "worker/checkpoint/config_file.h"
#include "worker/checkpoint/tensor_naming.h"
#include "worker/model/gated_mlp.h"
#include "worker/model/grouped_attention.h"
#include "worker/model/model.h"
#include "worker/model/norm.h"
#include "worker/model/sparse_experts.h"

namespace probesweep::worker {

// Where a block's norms stand.
enum class DecoderNormPlace {
  kBefore,  // x + f(norm x)
  kAfter,   // x + norm(f x)
};

struct DecoderOptions {
  int64_t layers = 0;
  int64_t vocab = 0;
  NormOptions norm;
  DecoderNormPlace norm_place = DecoderNormPlace::kBefore;
  double embedding_scale = 1;
  bool tied = false;  // the unembedding is the embedding
  bool unembedding_bias = false;
  GroupedAttentionOptions attention;
  GatedMlpOptions mlp;                             // or each expert
  std::optional<SparseExpertsOptions> experts;     // in the MLP's place
  std::map<std::string, StoredPart> stored_parts;  // as TensorNaming's

  int64_t hidden() const { return attention.hidden; }
};

std::unique_ptr<Model> CreateDecoder(DecoderOptions options);

// What a model_type takes where a configuration says nothing.
struct DecoderDefaults {
  bool heads_share_nothing = false;  // without num_key_value_heads, a key and value head for each query head
  int64_t head_dim = 0;              // hidden_size / num_attention_heads where 0
  double rotary_theta = 10000;
  const char* activation = "silu";
  bool tied = false;
};

// The fields that all of these architectures have, in both generations; norms and biases are the caller's.
// Errors: INVALID_ARGUMENT, UNIMPLEMENTED, naming the field.
absl::StatusOr<DecoderOptions> ReadDecoderOptions(const ConfigFile& file, const DecoderDefaults& defaults);

// Reads rms_norm_eps, also for the norms of queries and keys.
absl::Status ReadRmsEpsilon(const ConfigFile& file, double otherwise, DecoderOptions& options);

// Reads clip_qkv; there may be none. Errors: INVALID_ARGUMENT.
absl::StatusOr<std::optional<double>> ReadClip(const ConfigFile& file);

// Errors: UNIMPLEMENTED when some layers have a sliding window and others none.
absl::Status RefuseMixedWindows(const ConfigFile& file);

// Errors: INVALID_ARGUMENT when the configuration, which is untrusted, speaks of so many layers, of `each`
// tensors, that listing their names would take all memory.
absl::Status CheckNameCount(const ConfigFile& file, const char* layers_field, int64_t layers, int64_t each);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_DECODER_H_
