// Which slow leases get a copy, near the end of all work: pure functions.
#ifndef PROBESWEEP_SERVER_SCHEDULING_SPECULATION_H_
#define PROBESWEEP_SERVER_SCHEDULING_SPECULATION_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/scheduling/lease_policy.h"
#include "server/scheduling/scheduler.h"

namespace probesweep::server {

// A lease whose tasks may be given to a second worker.
struct RunningLease {
  std::string sweep_id;
  int checkpoint = 0;
  std::string worker_id;
  std::vector<std::string> task_ids;     // those that may have a copy
  absl::Duration started;                // steady time
  std::optional<absl::Duration> median;  // that its sweep's finished leases took
};

// Steady time from which on the lease is slow: it has run for three times the median, and for two heartbeats.
// InfiniteDuration while its sweep has nothing to compare with.
absl::Duration SlowFrom(const RunningLease& lease, const LeaseOptions& options);

// One copy for each idle worker while there are slow leases of others, the slowest first. To be asked only
// when no task is ready: a copy is worth less than anything else. Each lease is copied as a whole, to read
// weights once.
std::vector<GrantDecision> DecideCopies(std::vector<RunningLease> leases,
                                        std::vector<std::string> idle_workers, absl::Duration now,
                                        const LeaseOptions& options);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_SCHEDULING_SPECULATION_H_
