// The engine's one entrance for probing: a pass over one checkpoint for the dimensions of a grant.
//
//   open checkpoint → tokenize → pack → layer by layer: forward → representations → analyse
//
// Torch-free: the agent sees plain structs.
#ifndef PROBESWEEP_WORKER_ENGINE_PASS_H_
#define PROBESWEEP_WORKER_ENGINE_PASS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/analysis_config.h"
#include "common/result_columns.h"
#include "worker/engine/pass_plan.h"

namespace probesweep::worker {

// One dimension of the pass.
struct PassDimension {
  std::string name;
  std::string dataset;          // name, for messages and artifacts' metadata
  std::string dataset_csv;      // the CSV's bytes
  std::string dataset_digest;   // SHA-256 of them; keys the engine's caches
  double steering_share = 0.5;  // rows from the file's start that steering vectors come from, (0, 1]
  std::string group_column;     // "" when there is none
  std::string group_rule;       // of KnownGroupRules() (dataset/grouping.h); "" when there is none
};

struct PassRequest {
  std::string checkpoint_path;  // folder
  std::string model;            // names for artifacts' metadata
  std::string checkpoint;
  AnalysisConfig analysis;
  std::vector<PassDimension> dimensions;
};

struct LayerResult {
  int layer = 0;  // 0-based block
  std::string protocol;
  ResultValues values;
};

struct ArtifactBytes {
  std::string kind;   // "steering_vectors", "probes", "representations.layer_<ℓ>"
  std::string bytes;  // a safetensors file
};

// What, beside the weights, a result was computed from, and by what.
struct Provenance {
  std::string tokenizer_digest;  // engine/tokenizer_digest.h
  std::string dataset_digest;
  std::string configuration;  // AnalysisConfig::Canonical
  std::string engine_version;
  std::string device;  // Engine::device
  std::string dtype;   // "fp32", "bf16": of the products
};

// What one dimension came to.
struct DimensionResult {
  std::vector<LayerResult> layers;  // by layer, then protocol in configured order
  std::vector<ArtifactBytes> artifacts;
  // Content digest of the weights that the pass read (checkpoint/checkpoint_weights.h): 64 hex digits, the
  // same for every dimension and on every worker.
  std::string checkpoint_digest;
  Provenance provenance;
};

struct PassStatistics {
  absl::Duration load, tokenize;    // on the pass's own thread: what it waited for weights
  absl::Duration read;              // what reading weights took, waited for or not
  absl::Duration forward, analyse;  // summed over cores: the two run beside each other
  int64_t tokens = 0;               // computed, after sharing
  int64_t statements = 0;
  int64_t bytes_read = 0;  // from the checkpoint

  absl::Duration pass;     // from beginning to end
  int64_t peak_bytes = 0;  // of the whole process in memory, at most; 0: not known
  PassPlan plan;           // as it was before the first weight was read; of no dimensions when all were bad
  double sgemm_rate = 0;   // FLOP in a second of one core, measured once there was a pass worth it; else 0
};

// Called from the thread that runs the pass.
class PassObserver {
 public:
  virtual ~PassObserver() = default;
  virtual void OnProgress(int layers_done, int layers_total) = 0;
  // Something smaller than a layer is done: statements are tokenized, a block is read, a piece of a layer's
  // analysis is done, such as one split. Called once for all that was done since the last call.
  virtual void OnStep() {}
  // Dimension `index` of the request has ended, well or badly; called once for each. A bad dimension never
  // stops the others.
  virtual void OnDimension(int index, absl::StatusOr<DimensionResult> result) = 0;
  // Asked between layers and chunks; true ends the pass with CANCELLED.
  virtual bool Cancelled() = 0;
};

struct EngineOptions {
  std::string device = "auto";  // "auto", "cpu", "cuda:N"
  std::string dtype = "auto";   // "auto", "fp32", "bf16"
  int threads = 0;              // 0: all cores; jobs that run at once, each on one
};

// Runs passes, one at a time; keeps the datasets' surface baselines between them. Not thread-safe.
class Engine {
 public:
  virtual ~Engine() = default;
  // Runs a pass. Errors are those of the checkpoint and concern every dimension not yet reported:
  //   NOT_FOUND, INVALID_ARGUMENT, UNIMPLEMENTED: unreadable or unsupported (permanent);
  //   DATA_LOSS: corrupt bytes, NaN or Inf in activations, naming tensor and layer;
  //   RESOURCE_EXHAUSTED: out of memory (transient); CANCELLED.
  virtual absl::StatusOr<PassStatistics> RunPass(const PassRequest& request, PassObserver& observer) = 0;
  // "cpu" or "cuda:N", as resolved from the options.
  virtual std::string device() const = 0;
};

// Errors: INVALID_ARGUMENT (unknown device or dtype), FAILED_PRECONDITION (no such device here).
absl::StatusOr<std::unique_ptr<Engine>> CreateEngine(const EngineOptions& options);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ENGINE_PASS_H_
