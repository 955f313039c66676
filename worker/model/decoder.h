// The decoder that Llama and its kin are: one block, whose options say how they differ.
#ifndef PROBESWEEP_WORKER_MODEL_DECODER_H_
#define PROBESWEEP_WORKER_MODEL_DECODER_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "worker/checkpoint/config_file.h"
#include "worker/model/gated_mlp.h"
#include "worker/model/grouped_attention.h"
#include "worker/model/model.h"

namespace probesweep::worker {

enum class DecoderNorm {
  kRms,
  kPlainLayer,  // layer normalisation without weights
};

// Where a block's norms stand.
enum class DecoderNormPlace {
  kBefore,  // x + f(norm x)
  kAfter,   // x + norm(f x)
};

struct DecoderOptions {
  int64_t layers = 0;
  int64_t vocab = 0;
  DecoderNorm norm = DecoderNorm::kRms;
  DecoderNormPlace norm_place = DecoderNormPlace::kBefore;
  double norm_epsilon = 1e-6;
  bool tied = false;  // the unembedding is the embedding
  GroupedAttentionOptions attention;
  GatedMlpOptions mlp;

  int64_t hidden() const { return attention.hidden; }
};

std::unique_ptr<Model> CreateDecoder(const DecoderOptions& options);

// What a model_type takes where a configuration says nothing.
struct DecoderDefaults {
  bool heads_share_nothing = false;  // without num_key_value_heads, a key and value head for each query head
  int64_t head_dim = 0;              // hidden_size / num_attention_heads where 0
};

// The fields that all of these architectures have, in both generations; norms and biases are the caller's.
// Errors: INVALID_ARGUMENT, UNIMPLEMENTED, naming the field.
absl::StatusOr<DecoderOptions> ReadDecoderOptions(const ConfigFile& file, const DecoderDefaults& defaults);

// Reads rms_norm_eps, also for the norms of queries and keys.
absl::Status ReadRmsEpsilon(const ConfigFile& file, double otherwise, DecoderOptions& options);

// Errors: UNIMPLEMENTED when some layers have a sliding window and others none.
absl::Status RefuseMixedWindows(const ConfigFile& file);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_DECODER_H_
