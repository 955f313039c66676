// What a finished task came to.
#ifndef PROBESWEEP_SERVER_DOMAIN_OUTCOME_H_
#define PROBESWEEP_SERVER_DOMAIN_OUTCOME_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/analysis_config.h"
#include "common/result_columns.h"

namespace probesweep::server {

// The numbers of one layer under one protocol.
struct LayerRow {
  int layer = 0;
  std::string protocol;
  ResultValues values;
};

struct ArtifactRef {
  std::string kind;
  std::string digest;
  int64_t size_bytes = 0;
};

// What a result was computed from, and by what, beside the weights. Empty in outcomes that older releases
// stored.
struct Provenance {
  std::string tokenizer_digest;  // over the tokenizer's files that were read
  std::string dataset_digest;
  std::string configuration;  // AnalysisConfig::Canonical
  std::string engine_version;
  std::string device;  // "cpu", "cuda:0"
  std::string dtype;   // "fp32", "bf16"
};

// Kept under the task's reuse key, so that every task with that key shares it.
struct Outcome {
  std::vector<LayerRow> rows;
  std::vector<ArtifactRef> artifacts;
  // Content digest of the weights that the pass read; empty in outcomes that older releases stored.
  std::string checkpoint_digest;
  Provenance provenance;
};

// Errors: INVALID_ARGUMENT for no content digest, a field of the provenance that is empty, no rows, a
// negative layer, the same (layer, protocol) twice, an unknown value name, a value that is not finite, an
// artifact without kind or digest.
absl::Status Validate(const Outcome& outcome);

// Whether a result was computed from what its task was granted with. Errors: INVALID_ARGUMENT naming the
// field, what it holds and what the task asked for.
absl::Status CheckComputedFrom(const Provenance& provenance, absl::string_view dataset_digest,
                               const AnalysisConfig& analysis);

// Over the rows, in any order, bit by bit: two computations of one task agree when theirs are equal.
std::string RowsDigest(const Outcome& outcome);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_DOMAIN_OUTCOME_H_
