// What a pass over a checkpoint would read, compute, hold and take.
#ifndef PROBESWEEP_WORKER_INSPECT_PASS_PREVIEW_H_
#define PROBESWEEP_WORKER_INSPECT_PASS_PREVIEW_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/analysis_config.h"
#include "worker/engine/pass_plan.h"

namespace probesweep::worker {

struct PreviewOptions {
  std::vector<std::string> datasets;  // CSV files; one dimension each
  AnalysisConfig analysis;
  int threads = 0;     // 0: all cores
  MachineRates rates;  // those that are 0 are measured, each in a quarter of a second
};

struct PassPreview {
  PassPlan plan;
  std::vector<PlannedDimension> dimensions;
  MachineRates rates;
  PassTimes times;
};

// Tokenizes the datasets as a pass does. Errors: INVALID_ARGUMENT naming dataset and row, or the analysis
// field; those of OpenCheckpoint, Tokenizer::Open and ReadFile.
absl::StatusOr<PassPreview> PreviewPass(const std::string& folder, const PreviewOptions& options);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_INSPECT_PASS_PREVIEW_H_
