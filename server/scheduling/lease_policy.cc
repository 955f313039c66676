#include "server/scheduling/lease_policy.h"

#include <algorithm>

namespace probesweep::server {

LeaseVerdict JudgeLease(const Lease& lease, absl::Duration now, const LeaseOptions& options) {
  if (now >= lease.expires) return LeaseVerdict::kExpired;
  if (now >= lease.last_progress + options.hang) return LeaseVerdict::kHung;
  return LeaseVerdict::kLive;
}

absl::Duration NextVerdictAt(const Lease& lease, const LeaseOptions& options) {
  return std::min(lease.expires, lease.last_progress + options.hang);
}

}  // namespace probesweep::server
