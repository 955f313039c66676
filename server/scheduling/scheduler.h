// The one decision of the coordinator: who gets which tasks. A pure function of a snapshot.
//
// Policy, in order:
//   1. priority: the highest band that has work; a sweep rises one band for each `ageing` it has waited;
//   2. fairness: within the band the sweep with the least cost granted for its weight (fair_share.h), on a
//   tie
//      the older one;
//   3. affinity: a checkpoint that the worker has at hand, else the first in training order;
//   4. togetherness: a grant takes all ready dimensions of its checkpoint, so that its weights are read once,
//      unless workers would stay idle for want of checkpoints: then it takes an even part.
#ifndef PROBESWEEP_SERVER_SCHEDULING_SCHEDULER_H_
#define PROBESWEEP_SERVER_SCHEDULING_SCHEDULER_H_

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/domain/sweep.h"

namespace probesweep::server {

struct SchedulerOptions {
  absl::Duration ageing =
      absl::Minutes(30);  // waiting that lifts a sweep one priority band; long against a pass
};

struct ReadyTask {
  std::string id;
  double cost = 1;
};

// The ready tasks of one checkpoint.
struct ReadyGroup {
  int checkpoint = 0;
  std::string path;
  double pass_cost = 0;  // of a grant, whatever its tasks
  std::vector<ReadyTask> tasks;
};

struct SweepDemand {
  std::string sweep_id;
  Priority priority = Priority::kNormal;
  double weight = 1;
  double virtual_time = 0;   // cost granted so far, by weight
  absl::Time waiting_since;  // its last grant, or its creation
  // In planned order: of the sweep's groups as many as there are idle workers, and those at hand at one of
  // them. No round of grants touches others.
  std::deque<ReadyGroup> groups;
  size_t group_count = 0;  // of the whole sweep
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
  double cost = 0;
};

// At most one grant per idle worker; no task is granted twice.
std::vector<GrantDecision> DecideGrants(SchedulerSnapshot snapshot, absl::Time now,
                                        const SchedulerOptions& options);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_SCHEDULING_SCHEDULER_H_
