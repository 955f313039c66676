// What the commands that compare checkpoints have in common: which dimension, protocol and layers are meant.
#ifndef PROBESWEEP_CLIENT_CLI_CROSS_QUESTION_H_
#define PROBESWEEP_CLIENT_CLI_CROSS_QUESTION_H_

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/fetched_results.h"
#include "client/cli/records.h"
#include "client/cli/session.h"

namespace probesweep::client {

struct CrossFlags {
  std::string sweep;
  std::string dimension;
  std::string protocol;      // empty: as in GridSelection
  std::optional<int> layer;  // none: the best of the last checkpoint
  bool all_layers = false;
  OutputFlags output;
};

// SWEEP, --dimension, --protocol, --format, --output.
void AddCrossFlags(CLI::App& command, CrossFlags& flags);
// --layer and --all-layers.
void AddLayerFlags(CLI::App& command, CrossFlags& flags);

// One dimension's results, from which the rest is found.
struct CrossQuestion {
  FetchedResults results;
  const ResultGrid& grid() const { return results.grids[0]; }
  const v1::Checkpoint& checkpoint(int index) const { return results.sweep.checkpoints(index); }
  int checkpoints() const { return results.sweep.checkpoints_size(); }
};

// Errors: NOT_FOUND (no such sweep), INVALID_ARGUMENT (dimension or protocol), FAILED_PRECONDITION (no
// results yet).
absl::StatusOr<CrossQuestion> Ask(const CrossFlags& flags, Session& session);

// Errors: INVALID_ARGUMENT for a layer that the model does not have.
absl::StatusOr<std::vector<int>> ChosenLayers(const CrossFlags& flags, const CrossQuestion& question);

// The last checkpoint that has results.
int LastCheckpoint(const CrossQuestion& question);

// Columns sweep, model, dimension, dataset, protocol, and their values.
std::vector<std::string> QuestionColumns();
std::vector<RecordCell> QuestionCells(const CrossQuestion& question);

// "demo-neox, sweep demo\nreliability (reliability), protocol released": a table's heading.
std::string QuestionHeading(const CrossQuestion& question);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_CROSS_QUESTION_H_
