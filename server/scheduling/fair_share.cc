#include "server/scheduling/fair_share.h"

#include <algorithm>

namespace probesweep::server {

void FairShare::SetActive(const std::vector<Claimant>& sweeps) {
  std::map<Priority, double> least;  // of those that stay active
  for (const Claimant& sweep : sweeps) {
    if (!active_.contains(sweep.sweep_id)) continue;
    const double time = VirtualTime(sweep.sweep_id);
    const auto [entry, first] = least.emplace(sweep.priority, time);
    if (!first) entry->second = std::min(entry->second, time);
  }
  absl::flat_hash_set<std::string> active;
  for (const Claimant& sweep : sweeps) {
    active.insert(sweep.sweep_id);
    if (active_.contains(sweep.sweep_id)) continue;
    const auto others = least.find(sweep.priority);
    const double start = others == least.end() ? served_last_[sweep.priority] : others->second;
    double& time = virtual_times_[sweep.sweep_id];
    time = std::max(time, start);
  }
  active_ = std::move(active);
}

double FairShare::VirtualTime(const std::string& sweep_id) const {
  const auto found = virtual_times_.find(sweep_id);
  return found == virtual_times_.end() ? 0 : found->second;
}

void FairShare::Charge(const Claimant& sweep, double cost, double weight) {
  double& time = virtual_times_[sweep.sweep_id];
  double& served_last = served_last_[sweep.priority];
  served_last = std::max(served_last, time);
  time += cost / weight;
}

void FairShare::Forget(const std::string& sweep_id) {
  virtual_times_.erase(sweep_id);
  active_.erase(sweep_id);
}

}  // namespace probesweep::server
