// One simulated world: a store, coordinators, workers, a person, and a network between them, all from one
// seed.
#ifndef PROBESWEEP_TESTS_SIMULATION_WORLD_H_
#define PROBESWEEP_TESTS_SIMULATION_WORLD_H_

#include <cstdint>
#include <string>
#include <vector>

namespace probesweep::simulation {

struct WorldReport {
  std::vector<std::string> violations;
  int64_t events = 0, accepted = 0, computed = 0, replayed = 0, coordinator_lives = 0, worker_lives = 0;
  std::string trace_digest;  // over every event: the same for the same seed
};

// Lives until every sweep has come to its end, or a day after the last fault. `folder`: for the store;
// emptied.
WorldReport RunWorld(uint64_t seed, const std::string& folder);

}  // namespace probesweep::simulation

#endif  // PROBESWEEP_TESTS_SIMULATION_WORLD_H_
