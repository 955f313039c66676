#ifndef PROBESWEEP_WORKER_ENGINE_SURFACE_CACHE_H_
#define PROBESWEEP_WORKER_ENGINE_SURFACE_CACHE_H_

#include <map>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "worker/analysis/protocol.h"
#include "dataset/surface_baseline.h"

namespace probesweep::worker {

// Surface baselines by dataset and protocol: they do not depend on the checkpoint, and a sweep has many of
// those. Not thread-safe.
class SurfaceCache {
 public:
  // Errors: those of FitSurfaceBaselineFor.
  absl::StatusOr<SurfaceBaseline> Get(const std::string& dataset_digest, const std::string& protocol,
                                      const ProtocolInput& input);

 private:
  // A few dozen bytes each: a worker's whole life fits.
  std::map<std::pair<std::string, std::string>, SurfaceBaseline> known_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ENGINE_SURFACE_CACHE_H_
