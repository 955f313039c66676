// The sweep: checkpoints × dimensions × one analysis configuration, as planned.
#ifndef PROBESWEEP_SERVER_DOMAIN_SWEEP_H_
#define PROBESWEEP_SERVER_DOMAIN_SWEEP_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/analysis_config.h"
#include "server/domain/task.h"

namespace probesweep::server {

struct CheckpointPattern {
  std::string pattern;
  std::optional<int64_t> step;
  std::optional<int64_t> tokens;
};

struct Checkpoint {
  std::string name;  // unique within the sweep
  std::string path;  // as the workers see it
  std::optional<int64_t> step;
  std::optional<int64_t> tokens;
  std::string identity;  // digest of what the coordinator saw; empty: it could not see the folder
  int64_t bytes = 0;     // of its files, as the coordinator saw them; 0: unknown
};

struct Dimension {
  std::string name;
  std::string dataset;
  std::string dataset_digest;
  std::string label_meaning;
  double steering_share = 0.5;
  std::string group_column;
  std::string group_rule;  // "same_text", …; at most one of the two is set
};

enum class Priority { kLow = 1, kNormal = 2, kHigh = 3 };

struct SweepSpec {
  std::string name;
  std::string model;
  std::vector<CheckpointPattern> checkpoints;
  std::vector<Dimension> dimensions;
  AnalysisConfig analysis;
  Priority priority = Priority::kNormal;
  double weight = 1;
  int64_t tokens_per_step = 0;  // 0: unknown
  std::string recompute;        // not empty: part of every reuse key, so that nothing earlier is reused
};

// What never changes after planning, but for `end_time`.
struct Sweep {
  std::string id;
  int64_t sequence = 0;  // order of creation
  std::string request_id;
  std::string spec_digest;  // tells whether a repeated request_id means the same sweep
  SweepSpec spec;
  std::vector<Checkpoint> checkpoints;  // in training order
  std::vector<std::string> warnings;
  std::vector<int64_t> dataset_bytes;  // of each dimension; empty in sweeps that older releases stored
  absl::Time create_time;
  std::optional<absl::Time> end_time;
};

enum class SweepState { kRunning, kSucceeded, kFailed, kCancelled };
const char* SweepStateName(SweepState state);

// How many of a sweep's tasks are in which state.
struct TaskCounts {
  std::array<int64_t, 6> by_state{};  // indexed by TaskState
  int64_t reused = 0;

  int64_t& operator[](TaskState state) { return by_state[static_cast<size_t>(state)]; }
  int64_t operator[](TaskState state) const { return by_state[static_cast<size_t>(state)]; }
  int64_t total() const;
};

// RUNNING while a task is not terminal, then CANCELLED if one was cancelled, else FAILED if one is
// quarantined.
SweepState StateOf(const TaskCounts& counts);

// Letters, digits, '_', '-', '.'; 1 to 64 of them; not "." or "..": safe in file names, labels and URLs.
bool IsName(const std::string& text);

// Errors: INVALID_ARGUMENT naming the field and what it may be.
absl::Status Validate(const SweepSpec& spec);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_DOMAIN_SWEEP_H_
