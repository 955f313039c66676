// The one decision of the coordinator: who gets which tasks. A pure function of a snapshot.
//
// Policy, in order:
//   1. priority: the highest band that has work; a sweep rises one band for each `ageing` it has waited;
//   2. fairness: within the band the sweep with the least work in hand for its weight, the older one on a
//   tie;
//   3. affinity: a checkpoint that the worker has at hand, else the first in training order;
//   4. togetherness: a grant takes all ready dimensions of its checkpoint, so that its weights are read once,
//      unless workers would stay idle for want of checkpoints: then it takes an even part.
#ifndef PROBESWEEP_SERVER_SCHEDULING_SCHEDULER_H_
#define PROBESWEEP_SERVER_SCHEDULING_SCHEDULER_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/domain/sweep.h"

namespace probesweep::server {

struct SchedulerOptions {
  absl::Duration ageing =
      absl::Minutes(30);  // waiting that lifts a sweep one priority band; long against a pass
};

// The ready tasks of one checkpoint.
struct ReadyGroup {
  int checkpoint = 0;
  std::string path;
  std::vector<std::string> task_ids;
};

struct SweepDemand {
  std::string sweep_id;
  Priority priority = Priority::kNormal;
  double weight = 1;
  int64_t tasks_in_hand = 0;       // leased now
  absl::Time waiting_since;        // of its oldest ready task, or its last grant
  std::vector<ReadyGroup> groups;  // in planned order
};

struct IdleWorker {
  std::string worker_id;
  std::vector<std::string> cached_paths;
};

struct SchedulerSnapshot {
  std::vector<SweepDemand> sweeps;  // oldest first
  std::vector<IdleWorker> workers;  // longest waiting first
};

struct GrantDecision {
  std::string worker_id;
  std::string sweep_id;
  int checkpoint = 0;
  std::vector<std::string> task_ids;
};

// At most one grant per idle worker; no task is granted twice.
std::vector<GrantDecision> DecideGrants(SchedulerSnapshot snapshot, absl::Time now,
                                        const SchedulerOptions& options);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_SCHEDULING_SCHEDULER_H_
