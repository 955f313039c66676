// Between sweep_service messages and the domain.
#ifndef PROBESWEEP_SERVER_RPC_CONVERT_SWEEPS_H_
#define PROBESWEEP_SERVER_RPC_CONVERT_SWEEPS_H_

#include "absl/status/statusor.h"
#include "probesweep/v1/resources.pb.h"
#include "probesweep/v1/sweep_service.pb.h"
#include "server/domain/sweep.h"
#include "server/service/commands.h"

namespace probesweep::server {

// Fills in defaults; what the values may be, Validate (server/domain/sweep.h) checks. Errors:
// INVALID_ARGUMENT for a priority of a newer release.
absl::StatusOr<SweepSpec> FromProto(const v1::SweepSpec& spec);

void ToProto(const Dimension& dimension, v1::Dimension& out);
void ToProto(const Checkpoint& checkpoint, v1::Checkpoint& out);
void ToProto(const AnalysisConfig& config, v1::AnalysisConfig& out);
void ToProto(const SweepSpec& spec, v1::SweepSpec& out);
void ToProto(const TaskCounts& counts, v1::TaskCounts& out);
void ToProto(const SweepView& view, v1::Sweep& out);
void ToProto(const TaskView& view, v1::Task& out);
void ToProto(const WorkerView& view, v1::Worker& out);
void ToProto(const SweepUpdate& update, v1::WatchSweepResponse& out);
void ToProto(const Page<SweepView>& page, v1::ListSweepsResponse& out);
void ToProto(const Page<TaskView>& page, v1::ListTasksResponse& out);
void ToProto(const std::vector<WorkerView>& workers, v1::ListWorkersResponse& out);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_RPC_CONVERT_SWEEPS_H_
