// What goes wrong in a simulated world, drawn from its seed.
#ifndef PROBESWEEP_TESTS_SIMULATION_FAULTS_H_
#define PROBESWEEP_TESTS_SIMULATION_FAULTS_H_

#include "absl/time/time.h"
#include "tests/simulation/sim_time.h"

namespace probesweep::simulation {

// All stop at `until`, so that a world can be asked to finish.
struct Faults {
  absl::Duration until = absl::Seconds(1000) + absl::Minutes(20);
  // Of each message.
  double loss = 0, duplicate = 0, slow = 0;
  absl::Duration slowest = absl::Seconds(1);
  // Of each transaction.
  double crash_before_commit = 0, crash_after_commit = 0;
  double store_refusal = 0;  // the transaction is undone
  double store_silence = 0;  // the transaction is durable, but its connection is lost before that is said
  // Mean times between events of one process; infinite: never.
  absl::Duration worker_crash = absl::InfiniteDuration(), coordinator_crash = absl::InfiniteDuration();
  absl::Duration worker_pause = absl::InfiniteDuration(), coordinator_pause = absl::InfiniteDuration();
  absl::Duration longest_pause = absl::Seconds(90);
  absl::Duration partition = absl::InfiniteDuration();   // of a worker from all coordinators
  absl::Duration clock_jump = absl::InfiniteDuration();  // of a coordinator's wall clock
  // That a worker which was killed never comes back; the first one always does.
  double final_death = 0;
  // Of each task that a worker computes.
  double task_failure = 0;
};

// Each kind is present in about half of the worlds, so that a violation tells which kinds it needs.
inline Faults DrawFaults(SimRandom& random) {
  Faults faults;
  const auto present = [&](double value) { return random.Chance(0.5) ? value * random.NextUnit() : 0; };
  const auto every = [&](absl::Duration mean) {
    return random.Chance(0.5) ? mean * (0.5 + random.NextUnit()) : absl::InfiniteDuration();
  };
  faults.loss = present(0.2);
  faults.duplicate = present(0.2);
  faults.slow = present(0.2);
  faults.slowest = random.Between(absl::Seconds(1), absl::Seconds(60));
  faults.crash_before_commit = present(0.05);
  faults.crash_after_commit = present(0.05);
  faults.store_refusal = present(0.05);
  faults.store_silence = present(0.05);
  faults.worker_crash = every(absl::Minutes(4));
  faults.coordinator_crash = every(absl::Minutes(3));
  faults.worker_pause = every(absl::Minutes(5));
  faults.coordinator_pause = every(absl::Minutes(4));
  faults.partition = every(absl::Minutes(5));
  faults.clock_jump = every(absl::Minutes(5));
  faults.task_failure = present(0.1);
  faults.final_death = present(0.5);
  return faults;
}

}  // namespace probesweep::simulation

#endif  // PROBESWEEP_TESTS_SIMULATION_FAULTS_H_
