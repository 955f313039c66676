#include "worker/engine/surface_cache.h"

#include "absl/strings/str_cat.h"
#include "common/status.h"

namespace probesweep::worker {

absl::StatusOr<SurfaceBaselines> SurfaceCache::Get(const PassDimension& dimension,
                                                   const std::string& protocol, const ProtocolInput& input,
                                                   AnalysisStep step) {
  // The column's name comes last, for it may hold anything.
  const std::string key =
      absl::StrCat(dimension.dataset_digest, " ", protocol, " ", input.config.seed, " ", input.config.splits,
                   " ", dimension.group_rule, " ", dimension.group_column);
  const auto found = known_.find(key);
  if (found != known_.end()) return found->second;
  PS_ASSIGN_OR_RETURN(const SurfaceBaselines baselines, FitSurfaceBaselines(protocol, input, step));
  known_[key] = baselines;
  return baselines;
}

}  // namespace probesweep::worker
