// Which cells of a sweep are computed anew, and as which sweeps.
#ifndef PROBESWEEP_CLIENT_COMPARE_VERIFICATION_H_
#define PROBESWEEP_CLIENT_COMPARE_VERIFICATION_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "client/compare/result_set.h"
#include "probesweep/v1/resources.pb.h"

namespace probesweep::client {

// A checkpoint and a dimension, by name: one task.
using SweepCell = std::pair<std::string, std::string>;

// `count` of the sweep's finished tasks, all when there are no more; the same for the same seed. In the order
// of `tasks`.
std::vector<SweepCell> PickCells(const std::vector<v1::Task>& tasks, size_t count, uint64_t seed);

// Sweeps that compute the cells anew and nothing else: checkpoints with the same dimensions share one. Each
// is the sweep's own specification cut down, named "verify-…", keeps no artifacts, which are not compared,
// and has `recompute` set. Errors: FAILED_PRECONDITION for a cell that is not of the sweep.
absl::StatusOr<std::vector<v1::SweepSpec>> PlanVerification(const v1::Sweep& sweep,
                                                            const std::vector<SweepCell>& cells,
                                                            const std::string& recompute);

// The name that `sweep` has for each checkpoint of `verification`: a planner that sees fewer checkpoints may
// name them shorter.
std::map<std::string, std::string> CheckpointNames(const v1::Sweep& sweep, const v1::Sweep& verification);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_COMPARE_VERIFICATION_H_
