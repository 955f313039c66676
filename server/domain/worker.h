// Workers and the leases they hold.
#ifndef PROBESWEEP_SERVER_DOMAIN_WORKER_H_
#define PROBESWEEP_SERVER_DOMAIN_WORKER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace probesweep::server {

// What a worker says of itself, kept in the store so that a restarted coordinator knows its incarnation.
struct Worker {
  std::string id;
  std::string incarnation;
  std::string host;
  std::string device;
  std::string version;
  std::string engine_version;
  bool draining = false;
  absl::Time last_seen;  // wall time, as of the last registration when read from the store
};

enum class WorkerState { kIdle, kBusy, kDraining, kLost };
inline constexpr WorkerState kAllWorkerStates[] = {WorkerState::kIdle, WorkerState::kBusy,
                                                   WorkerState::kDraining, WorkerState::kLost};
const char* WorkerStateName(WorkerState state);

// The tasks of one checkpoint that one worker holds until a deadline. Lives in memory; what must survive a
// restart (who holds which task under which epoch) is in the tasks.
struct Lease {
  std::string id;
  std::string sweep_id;
  int checkpoint = 0;
  std::string worker_id;
  std::string incarnation;
  std::vector<std::string> task_ids;
  double estimated_cost = 0;     // scheduling/cost.h; 0: not known
  absl::Duration started;        // steady time; of a lease that outlived a coordinator, the later one's start
  absl::Duration expires;        // steady time
  absl::Duration last_progress;  // steady time at which layers or steps last changed
  int layers_done = 0;
  int layers_total = 0;
  int64_t steps = 0;  // smaller parts of the pass that are done
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_DOMAIN_WORKER_H_
