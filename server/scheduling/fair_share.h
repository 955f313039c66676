// Weighted fair shares over time: start-time fair queueing between sweeps.
#ifndef PROBESWEEP_SERVER_SCHEDULING_FAIR_SHARE_H_
#define PROBESWEEP_SERVER_SCHEDULING_FAIR_SHARE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "server/domain/sweep.h"

namespace probesweep::server {

// A sweep's virtual time is the cost that it was granted, divided by its weight. Whoever serves the least
// first gives every sweep its weight's share of the cost, up to one grant. Not thread-safe; kept in memory
// only: after a restart all begin together.
class FairShare {
 public:
  struct Claimant {
    std::string sweep_id;
    Priority priority = Priority::kNormal;
  };
  // Says which sweeps have ready tasks now. One that had none when last asked does not bring along what it
  // left unused: it starts at the least of those of its priority that did, or, when none did, where the one
  // served last stood. So a new sweep takes its share from now on and starves nobody.
  void SetActive(const std::vector<Claimant>& sweeps);

  double VirtualTime(const std::string& sweep_id) const;
  void Charge(const Claimant& sweep, double cost, double weight);
  void Forget(const std::string& sweep_id);

 private:
  absl::flat_hash_map<std::string, double> virtual_times_;
  absl::flat_hash_set<std::string> active_;
  std::map<Priority, double>
      served_last_;  // virtual time, before its grant, of the sweep that was served last
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_SCHEDULING_FAIR_SHARE_H_
