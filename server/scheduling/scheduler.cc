#include "server/scheduling/scheduler.h"

#include <algorithm>
#include <utility>

namespace probesweep::server {
namespace {

int EffectiveBand(const SweepDemand& sweep, absl::Time now, const SchedulerOptions& options) {
  const double risen =
      absl::FDivDuration(std::max(absl::ZeroDuration(), now - sweep.waiting_since), options.ageing);
  return static_cast<int>(sweep.priority) + static_cast<int>(std::min(risen, 1000.0));
}

// The sweep to serve next; null when none has ready tasks.
SweepDemand* NextSweep(std::vector<SweepDemand>& sweeps, absl::Time now, const SchedulerOptions& options) {
  SweepDemand* best = nullptr;
  int best_band = 0;
  for (SweepDemand& sweep : sweeps) {
    if (sweep.groups.empty()) continue;
    const int band = EffectiveBand(sweep, now, options);
    if (best == nullptr || band > best_band ||
        (band == best_band && sweep.virtual_time < best->virtual_time)) {
      best = &sweep;
      best_band = band;
    }
  }
  return best;
}

std::deque<ReadyGroup>::iterator NextGroup(std::deque<ReadyGroup>& groups, const IdleWorker& worker) {
  const auto at_hand = std::find_if(groups.begin(), groups.end(), [&](const ReadyGroup& group) {
    return std::find(worker.cached_paths.begin(), worker.cached_paths.end(), group.path) !=
           worker.cached_paths.end();
  });
  return at_hand == groups.end() ? groups.begin() : at_hand;
}

// Takes `share` tasks of the sweep's group, and the group when none is left.
GrantDecision Take(SweepDemand& sweep, std::deque<ReadyGroup>::iterator group, size_t share,
                   const std::string& worker_id) {
  GrantDecision grant{worker_id, sweep.sweep_id, group->checkpoint, {}, group->pass_cost};
  const auto end = group->tasks.begin() + static_cast<std::ptrdiff_t>(std::min(share, group->tasks.size()));
  for (auto task = group->tasks.begin(); task != end; ++task) {
    grant.cost += task->cost;
    grant.task_ids.push_back(std::move(task->id));
  }
  group->tasks.erase(group->tasks.begin(), end);
  if (group->tasks.empty()) {
    sweep.groups.erase(group);
    --sweep.group_count;
  }
  return grant;
}

}  // namespace

std::vector<GrantDecision> DecideGrants(SchedulerSnapshot snapshot, absl::Time now,
                                        const SchedulerOptions& options) {
  size_t groups_left = 0;
  for (const SweepDemand& sweep : snapshot.sweeps) groups_left += sweep.group_count;
  std::vector<GrantDecision> grants;
  for (size_t i = 0; i < snapshot.workers.size(); ++i) {
    SweepDemand* sweep = NextSweep(snapshot.sweeps, now, options);
    if (sweep == nullptr) break;
    const IdleWorker& worker = snapshot.workers[i];
    const auto group = NextGroup(sweep->groups, worker);
    // Workers without a checkpoint of their own share the tasks of those there are.
    const size_t workers_left = snapshot.workers.size() - i;
    const size_t ready = group->tasks.size();
    const size_t share = workers_left <= groups_left
                             ? ready
                             : std::max<size_t>(1, (ready * groups_left + workers_left - 1) / workers_left);
    const size_t before = sweep->group_count;
    grants.push_back(Take(*sweep, group, share, worker.worker_id));
    groups_left -= before - sweep->group_count;
    sweep->virtual_time += grants.back().cost / sweep->weight;
    sweep->waiting_since = now;
  }
  return grants;
}

}  // namespace probesweep::server
