// What the simulated workers saw, as JSON for the program that drives them.
#ifndef PROBESWEEP_BENCH_SCALE_FLEET_FIGURES_H_
#define PROBESWEEP_BENCH_SCALE_FLEET_FIGURES_H_

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace probesweep::bench {

// How long calls of one kind took, from the request to its answer.
class Latencies {
 public:
  void Add(absl::Duration latency) { milliseconds_.push_back(absl::ToDoubleMilliseconds(latency)); }
  // {"count", "p50_ms", "p99_ms", "max_ms"}
  nlohmann::json Summary() const;

 private:
  std::vector<double> milliseconds_;
};

// Not thread-safe.
struct FleetFigures {
  // Since the last report.
  absl::Time since = absl::Now();
  Latencies leases;  // those that were granted
  Latencies heartbeats, commits;
  int64_t rows = 0;  // of the commits
  std::map<std::string, int64_t> errors;

  // As of now, or since the start.
  int64_t waiting = 0;  // workers in a long poll
  int64_t holding = 0;  // workers with a lease
  int64_t commits_ever = 0;
  int64_t refused_ever = 0;  // commits that were refused as stale

  // Of the leases held when a mark was set: those that the coordinator still knew afterwards, and those not.
  int64_t marked = 0, kept = 0, lost = 0;

  nlohmann::json Status() const;
  // With the status. Begins anew.
  nlohmann::json Report();
};

}  // namespace probesweep::bench

#endif  // PROBESWEEP_BENCH_SCALE_FLEET_FIGURES_H_
