// The sizes that architectures have in common, and the fields that say them.
#ifndef PROBESWEEP_WORKER_MODEL_MODEL_SIZES_H_
#define PROBESWEEP_WORKER_MODEL_MODEL_SIZES_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/checkpoint/config_file.h"

namespace probesweep::worker {

struct ModelSizes {
  int64_t layers = 0;
  int64_t hidden = 0;
  int64_t heads = 0;
  int64_t key_value_heads = 0;  // a divisor of `heads`
  int64_t head_dim = 0;
  int64_t intermediate = 0;  // of the MLP
  int64_t vocab = 0;
};

// Under which names a configuration has its sizes.
struct SizeFields {
  ConfigFile::Spellings layers, hidden, heads;
};

// Reads layers, hidden, heads and vocab; there are as many key and value heads as heads, which divide the
// hidden size. Errors: INVALID_ARGUMENT naming the field.
absl::StatusOr<ModelSizes> ReadModelSizes(const ConfigFile& file, const SizeFields& fields);
// Of a configuration with the usual names.
absl::StatusOr<ModelSizes> ReadModelSizes(const ConfigFile& file);

// Reads key_value_heads. Errors: INVALID_ARGUMENT naming the field.
absl::Status ReadKeyValueHeads(const ConfigFile& file, const char* field, int64_t otherwise,
                               ModelSizes& sizes);

// Where a configuration has a head_dim that transformers takes for the rotations alone. Errors: UNIMPLEMENTED
// when it is not that of the sizes.
absl::Status RefuseOtherHeadDim(const ConfigFile& file, const ModelSizes& sizes);

// A size that may be absent or null.
absl::StatusOr<int64_t> SizeOr(const ConfigFile& file, ConfigFile::Spellings field, int64_t otherwise);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_MODEL_SIZES_H_
