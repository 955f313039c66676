// A probe fitted on one checkpoint's representations, tested on another's.
#ifndef PROBESWEEP_CLIENT_ANALYSIS_TRANSFER_H_
#define PROBESWEEP_CLIENT_ANALYSIS_TRANSFER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/analysis/artifact_file.h"
#include "client/analysis/interval.h"

namespace probesweep::client {

// logit = weight · (x − mean) / scale + intercept; one entry per feature.
struct LinearProbe {
  std::vector<float> weight, mean, scale;
  double intercept = 0;
};

// The probe of one layer, from an artifact of kind `probes`. Errors: DATA_LOSS (not there, lengths differ).
absl::StatusOr<LinearProbe> ReadProbe(const ArtifactFile& file, const std::string& protocol, int layer);

// The rows that a protocol's probes were judged on, at one layer of one checkpoint.
struct TestRows {
  std::vector<int64_t> rows;           // their places in the dataset
  std::vector<float> representations;  // [rows, hidden]
  std::vector<int> labels;             // 0 or 1
  std::vector<int64_t> groups;
  size_t hidden = 0;
};

// From an artifact of kind `representations`. Errors: DATA_LOSS.
absl::StatusOr<TestRows> ReadTestRows(const ArtifactFile& file, const std::string& protocol, int layer);

struct TransferScore {
  double accuracy = 0;
  Interval accuracy_interval;   // 95 %: Wilson's, on EffectiveRows
  std::optional<double> auroc;  // none when the rows show one label only
};

// What `probe` gets right on `rows`, in double precision: label 1 where the logit is above 0. With
// `standardizer`, its mean and scale stand in for the probe's own: the direction is tested by itself, without
// the drift of each feature's mean and spread. Errors: FAILED_PRECONDITION when the numbers of features
// differ, or there are no rows.
absl::StatusOr<TransferScore> ScoreTransfer(const LinearProbe& probe, const LinearProbe* standardizer,
                                            const TestRows& rows);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_ANALYSIS_TRANSFER_H_
