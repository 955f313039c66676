#include "bench/scale/fleet_figures.h"

#include <algorithm>

namespace probesweep::bench {

nlohmann::json Latencies::Summary() const {
  if (milliseconds_.empty())
    return {{"count", 0}, {"p50_ms", nullptr}, {"p99_ms", nullptr}, {"max_ms", nullptr}};
  std::vector<double> sorted = milliseconds_;
  std::sort(sorted.begin(), sorted.end());
  const auto at = [&](double share) {
    return sorted[static_cast<size_t>(share * static_cast<double>(sorted.size() - 1))];
  };
  return {{"count", sorted.size()}, {"p50_ms", at(0.5)}, {"p99_ms", at(0.99)}, {"max_ms", sorted.back()}};
}

nlohmann::json FleetFigures::Status() const {
  return {{"waiting", waiting}, {"holding", holding},      {"commits_ever", commits_ever},
          {"marked", marked},   {"refused", refused_ever}, {"kept", kept},
          {"lost", lost}};
}

nlohmann::json FleetFigures::Report() {
  nlohmann::json report = Status();
  report["seconds"] = absl::ToDoubleSeconds(absl::Now() - since);
  report["leases"] = leases.Summary();
  report["heartbeats"] = heartbeats.Summary();
  report["commits"] = commits.Summary();
  report["rows"] = rows;
  report["errors"] = errors;
  since = absl::Now();
  leases = heartbeats = commits = Latencies();
  rows = 0;
  errors.clear();
  return report;
}

}  // namespace probesweep::bench
