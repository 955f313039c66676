// What finished passes tell about those to come.
#ifndef PROBESWEEP_SERVER_SCHEDULING_WORK_HISTORY_H_
#define PROBESWEEP_SERVER_SCHEDULING_WORK_HISTORY_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace probesweep::server {

// Not thread-safe; kept in memory only: advice, which a restarted coordinator gathers anew.
class WorkHistory {
 public:
  // A pass of which `estimated` was the cost (cost.h) took its worker so long. Nonsense is ignored.
  void AddPass(const std::string& sweep_id, double estimated, absl::Duration took);
  // A lease was held so long until its work was done.
  void AddLease(const std::string& sweep_id, absl::Duration held);
  void Forget(const std::string& sweep_id) { sweeps_.erase(sweep_id); }

  // By how much estimates of the sweep's cost are to be multiplied: what its passes took for each unit of
  // their estimates; until it has any, what all sweeps' did; 1 when nothing is known. A sweep's own is at
  // most a hundred times off from all sweeps': one odd measurement does not hand the fleet to anybody.
  double CostScale(const std::string& sweep_id) const;
  // Of the sweep's latest finished leases; none before the first.
  std::optional<absl::Duration> MedianLease(const std::string& sweep_id) const;

 private:
  struct Measured {
    double seconds = 0, estimated = 0;
  };
  struct SweepHistory {
    Measured measured;
    std::vector<absl::Duration> leases;  // the latest, in no order of time
    size_t next = 0;                     // which of them is replaced next
  };
  Measured all_;
  absl::flat_hash_map<std::string, SweepHistory> sweeps_;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_SCHEDULING_WORK_HISTORY_H_
