#include "server/scheduling/work_history.h"

#include <algorithm>

namespace probesweep::server {
namespace {

// Enough for a median; a sweep of many kinds of checkpoints is judged by its latest ones.
constexpr size_t kMaxLeases = 99;
constexpr double kLargestDeviation = 100;

}  // namespace

void WorkHistory::AddPass(const std::string& sweep_id, double estimated, absl::Duration took) {
  const double seconds = absl::ToDoubleSeconds(took);
  if (!(estimated > 0) || !(seconds > 0)) return;
  for (Measured* measured : {&all_, &sweeps_[sweep_id].measured}) {
    measured->seconds += seconds;
    measured->estimated += estimated;
  }
}

void WorkHistory::AddLease(const std::string& sweep_id, absl::Duration held) {
  SweepHistory& history = sweeps_[sweep_id];
  if (history.leases.size() < kMaxLeases) {
    history.leases.push_back(held);
  } else {
    history.leases[history.next] = held;
    history.next = (history.next + 1) % kMaxLeases;
  }
}

double WorkHistory::CostScale(const std::string& sweep_id) const {
  if (all_.estimated <= 0) return 1;
  const double all = all_.seconds / all_.estimated;
  const auto found = sweeps_.find(sweep_id);
  if (found == sweeps_.end() || found->second.measured.estimated <= 0) return all;
  const Measured& own = found->second.measured;
  return std::clamp(own.seconds / own.estimated, all / kLargestDeviation, all * kLargestDeviation);
}

std::optional<absl::Duration> WorkHistory::MedianLease(const std::string& sweep_id) const {
  const auto found = sweeps_.find(sweep_id);
  if (found == sweeps_.end() || found->second.leases.empty()) return std::nullopt;
  std::vector<absl::Duration> leases = found->second.leases;
  const auto middle = leases.begin() + static_cast<std::ptrdiff_t>(leases.size() / 2);
  std::nth_element(leases.begin(), middle, leases.end());
  return *middle;
}

}  // namespace probesweep::server
