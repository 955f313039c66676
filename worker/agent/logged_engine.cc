#include "worker/agent/logged_engine.h"

#include "common/logging.h"
#include "worker/engine/pass_summary.h"

namespace probesweep::worker {

absl::StatusOr<PassStatistics> LoggedEngine::RunPass(const PassRequest& request, PassObserver& observer) {
  absl::StatusOr<PassStatistics> statistics = engine_->RunPass(request, observer);
  if (statistics.ok()) {
    spdlog::info("probing {} {}{}", request.checkpoint_path, PassSummary(*statistics),
                 PassFields(request.checkpoint, *statistics));
  }
  return statistics;
}

}  // namespace probesweep::worker
