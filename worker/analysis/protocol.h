// A protocol: a named way of splitting, standardising and scoring representations (docs/formats.md lists the
// values it gives).
#ifndef PROBESWEEP_WORKER_ANALYSIS_PROTOCOL_H_
#define PROBESWEEP_WORKER_ANALYSIS_PROTOCOL_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/analysis_config.h"
#include "common/result_columns.h"
#include "dataset/surface_baseline.h"
#include "dataset/statements.h"

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

// One protocol at work on one dimension of one checkpoint. Thread-safe once layer 0 is analysed, which comes
// first.
class Protocol {
 public:
  virtual ~Protocol() = default;
  // `representations`: fp32 [statements, hidden]. Errors: INTERNAL (a solver gave up).
  virtual absl::StatusOr<LayerAnalysis> AnalyseLayer(int64_t layer, const at::Tensor& representations) = 0;
};

// A dimension's rows as protocols see them; what does not depend on the checkpoint is computed once.
struct ProtocolInput {
  AnalysisConfig config;
  const Statements* statements = nullptr;  // outlives the protocol
  std::string dataset;                     // name, for messages
  double steering_share = 0.5;
};

// Errors: INVALID_ARGUMENT (unknown name; a split that the protocol cannot make, naming the dataset).
absl::StatusOr<std::unique_ptr<Protocol>> CreateProtocol(absl::string_view name, const ProtocolInput& input,
                                                         const SurfaceBaseline& surface);

// The surface baseline on the split that the named protocol makes.
absl::StatusOr<SurfaceBaseline> FitSurfaceBaselineFor(absl::string_view protocol, const ProtocolInput& input);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_PROTOCOL_H_
