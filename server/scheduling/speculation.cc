#include "server/scheduling/speculation.h"

#include <algorithm>

namespace probesweep::server {

absl::Duration SlowFrom(const RunningLease& lease, const LeaseOptions& options) {
  if (!lease.median.has_value()) return absl::InfiniteDuration();
  return lease.started + std::max(3 * *lease.median, 2 * options.heartbeat);
}

std::vector<GrantDecision> DecideCopies(std::vector<RunningLease> leases,
                                        std::vector<std::string> idle_workers, absl::Duration now,
                                        const LeaseOptions& options) {
  std::stable_sort(leases.begin(), leases.end(), [&](const RunningLease& a, const RunningLease& b) {
    return SlowFrom(a, options) < SlowFrom(b, options);
  });
  std::vector<GrantDecision> copies;
  for (RunningLease& lease : leases) {
    if (SlowFrom(lease, options) > now) break;
    const auto worker = std::find_if(idle_workers.begin(), idle_workers.end(),
                                     [&](const std::string& idle) { return idle != lease.worker_id; });
    if (worker == idle_workers.end() || lease.task_ids.empty()) continue;
    copies.push_back({std::move(*worker), lease.sweep_id, lease.checkpoint, std::move(lease.task_ids), 0});
    idle_workers.erase(worker);
  }
  return copies;
}

}  // namespace probesweep::server
