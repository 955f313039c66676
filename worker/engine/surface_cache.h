#ifndef PROBESWEEP_WORKER_ENGINE_SURFACE_CACHE_H_
#define PROBESWEEP_WORKER_ENGINE_SURFACE_CACHE_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "worker/analysis/protocol.h"
#include "worker/engine/pass.h"

namespace probesweep::worker {

// Surface baselines by all that they depend on: dataset, grouping, protocol, and how it draws its splits. The
// checkpoint is not among it, and a sweep has many of those. Not thread-safe.
class SurfaceCache {
 public:
  // Errors: those of FitSurfaceBaselines.
  absl::StatusOr<SurfaceBaselines> Get(const PassDimension& dimension, const std::string& protocol,
                                       const ProtocolInput& input, AnalysisStep step);

 private:
  // A bit for each test row, a kilobyte for most datasets: a worker's whole life fits.
  std::map<std::string, SurfaceBaselines> known_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ENGINE_SURFACE_CACHE_H_
