// When a lease ends without its worker: a pure function.
#ifndef PROBESWEEP_SERVER_SCHEDULING_LEASE_POLICY_H_
#define PROBESWEEP_SERVER_SCHEDULING_LEASE_POLICY_H_

#include "absl/time/time.h"
#include "server/domain/worker.h"

namespace probesweep::server {

struct LeaseOptions {
  absl::Duration ttl = absl::Seconds(30);        // three heartbeats
  absl::Duration heartbeat = absl::Seconds(10);  // what workers are told; they add jitter
  absl::Duration hang = absl::Seconds(120);      // no progress for so long: the pass hangs
};

enum class LeaseVerdict { kLive, kExpired, kHung };

// `now`: steady time. A lease ends at its deadline, not before it.
LeaseVerdict JudgeLease(const Lease& lease, absl::Duration now, const LeaseOptions& options);

// The next steady time at which the verdict on `lease` may change by itself.
absl::Duration NextVerdictAt(const Lease& lease, const LeaseOptions& options);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_SCHEDULING_LEASE_POLICY_H_
