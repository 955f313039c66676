// A protocol: a named way of splitting, standardising and scoring representations. docs/protocols.md says
// what each does exactly, and defines the values it gives.
#ifndef PROBESWEEP_WORKER_ANALYSIS_PROTOCOL_H_
#define PROBESWEEP_WORKER_ANALYSIS_PROTOCOL_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/analysis_config.h"
#include "common/result_columns.h"
#include "dataset/split.h"
#include "dataset/statements.h"
#include "dataset/surface_baseline.h"

namespace probesweep::worker {

// What a protocol makes of one layer.
struct LayerAnalysis {
  ResultValues values;
  // The probe, in the units of the representations it was fitted on: logit = weights · (x − mean) / scale +
  // intercept. fp64 [hidden]; scale is 1 for a constant feature.
  at::Tensor probe_weights, probe_mean, probe_scale;
  double probe_intercept = 0;
  at::Tensor steering_vector;  // fp64 [hidden]; undefined when there is none
};

// Called after each piece of a longer work, on the thread that does it. What it returns, when not OK, ends
// the work.
using AnalysisStep = absl::FunctionRef<absl::Status()>;

// One protocol at work on one dimension of one checkpoint. Thread-safe once layer 0 is analysed, which comes
// first.
class Protocol {
 public:
  virtual ~Protocol() = default;
  // `representations`: fp32 [statements, hidden]. Errors: INTERNAL (a solver gave up), FAILED_PRECONDITION (a
  // kernel that needs a larger hsic_epsilon), those of `step`.
  virtual absl::StatusOr<LayerAnalysis> AnalyseLayer(int64_t layer, const at::Tensor& representations,
                                                     AnalysisStep step) = 0;
};

// A dimension's rows as protocols see them.
struct ProtocolInput {
  AnalysisConfig config;
  const Statements* statements = nullptr;  // outlives the protocol
  std::string dataset;                     // name, for messages
  double steering_share = 0.5;
};

// What a protocol finds in the dataset alone: the same for every checkpoint.
struct SurfaceBaselines {
  std::vector<SurfaceBaseline> splits;  // one for each split that the protocol makes
};

// Errors: INVALID_ARGUMENT (unknown name; a split that the protocol cannot make, naming the dataset).
absl::StatusOr<std::unique_ptr<Protocol>> CreateProtocol(absl::string_view name, const ProtocolInput& input,
                                                         const SurfaceBaselines& surface);

// Train and test rows of each split that the named protocol makes; the probe that is kept is of the first.
// Errors: as above.
absl::StatusOr<std::vector<Split>> SplitsOf(absl::string_view protocol, const ProtocolInput& input);

// The surface baselines on the splits that the named protocol makes. They depend on the statements, their
// groups, and the configuration's seed and splits. Errors: as above, and those of `step`.
absl::StatusOr<SurfaceBaselines> FitSurfaceBaselines(absl::string_view protocol, const ProtocolInput& input,
                                                     AnalysisStep step);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_PROTOCOL_H_
