#include "worker/engine/surface_cache.h"

#include "common/status.h"

namespace probesweep::worker {

absl::StatusOr<SurfaceBaseline> SurfaceCache::Get(const std::string& dataset_digest,
                                                  const std::string& protocol, const ProtocolInput& input) {
  const std::pair<std::string, std::string> key(dataset_digest, protocol);
  const auto found = known_.find(key);
  if (found != known_.end()) return found->second;
  PS_ASSIGN_OR_RETURN(const SurfaceBaseline baseline, FitSurfaceBaselineFor(protocol, input));
  known_[key] = baseline;
  return baseline;
}

}  // namespace probesweep::worker
