// Between worker_service messages and the engine's plain structs.
#ifndef PROBESWEEP_WORKER_AGENT_CONVERT_H_
#define PROBESWEEP_WORKER_AGENT_CONVERT_H_

#include "absl/status/status.h"
#include "common/analysis_config.h"
#include "probesweep/v1/worker_service.pb.h"
#include "worker/engine/pass.h"

namespace probesweep::worker {

AnalysisConfig FromProto(const v1::AnalysisConfig& config);

// Without the dataset's bytes.
PassDimension FromProto(const v1::Dimension& dimension);

// Without the artifacts.
void ToProto(const DimensionResult& result, v1::CommitTaskRequest& request);

v1::PassStatistics ToProto(const PassStatistics& statistics, absl::Duration commit);

// DATA_LOSS: the checkpoint is corrupt. Input that will be as bad next time (INVALID_ARGUMENT, NOT_FOUND,
// UNIMPLEMENTED, OUT_OF_RANGE, FAILED_PRECONDITION, PERMISSION_DENIED): permanent. Anything else may pass.
v1::FailureKind FailureKindFor(const absl::Status& status);

google::protobuf::Duration ToProto(absl::Duration duration);
absl::Duration FromProto(const google::protobuf::Duration& duration);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_AGENT_CONVERT_H_
