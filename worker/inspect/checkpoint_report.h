// What can be told of a checkpoint before it is used.
#ifndef PROBESWEEP_WORKER_INSPECT_CHECKPOINT_REPORT_H_
#define PROBESWEEP_WORKER_INSPECT_CHECKPOINT_REPORT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace probesweep::worker {

struct ModelReport {
  int64_t layers = 0, hidden_size = 0, vocab_size = 0;
  int64_t max_positions = 0;  // tokens of a statement; 0: any number
};

struct WeightsReport {
  std::vector<std::string> files;
  int64_t bytes = 0;                      // of the files
  std::map<std::string, int64_t> dtypes;  // stored type → elements
  int64_t body_parameters = 0;            // of the embedding and the blocks
  int64_t head_parameters = 0;            // of the unembedding, where it is not the embedding, and its norm
  bool tied = false;                      // the unembedding is the embedding
  std::vector<std::string> leftovers;     // stored tensors that the model does not read
  absl::Status head;                      // OK, or what is missing for logits
  std::string content_digest;             // as results carry it; "" when not asked for
  std::map<std::string, std::string> fingerprints;  // tensor → fingerprint; likewise
};

struct TokenizerReport {
  std::string file;  // without its folder
  std::string kind;
  int64_t tokens = 0;
};

// What a pass on the CPU holds at once, in bytes; activations and analysis are estimates, good to about a
// third.
struct MemoryReport {
  int64_t weights = 0;          // the embedding, or the largest block, in fp32
  int64_t activations = 0;      // of the chunks under way
  int64_t residual_stream = 0;  // of `tokens` tokens
  int64_t analysis = 0;         // kernels of dimensions with `statements` statements
  int64_t tokens = 0, statements = 0;

  int64_t total() const { return weights + activations + residual_stream + analysis; }
};

// A part that could not be told is absent, and its reason among the problems.
struct CheckpointReport {
  std::string model_type;                  // "" where config.json cannot be read
  std::vector<std::string> architectures;  // config.json's own names for it
  std::optional<ModelReport> model;
  std::optional<WeightsReport> weights;
  std::optional<TokenizerReport> tokenizer;
  std::optional<MemoryReport> memory;
  std::vector<absl::Status> problems;  // what keeps the checkpoint from being probed
  std::vector<std::string> notes;      // what does not, and is worth knowing
};

struct ReportOptions {
  bool fingerprints = false;   // read all weights, for digest and fingerprints
  int64_t tokens = 100'000;    // that the memory is estimated for
  int64_t statements = 5'000;  // likewise: of the largest dimension
  int threads = 0;             // likewise; 0: all cores
};

// Goes as far as it can: a tokenizer is looked at also when the weights are damaged.
CheckpointReport InspectCheckpoint(const std::string& folder, const ReportOptions& options);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_INSPECT_CHECKPOINT_REPORT_H_
