#include "server/scheduling/scheduler.h"

#include <algorithm>
#include <iterator>
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
  double best_load = 0;
  for (SweepDemand& sweep : sweeps) {
    if (sweep.groups.empty()) continue;
    const int band = EffectiveBand(sweep, now, options);
    const double load = static_cast<double>(sweep.tasks_in_hand) / sweep.weight;
    if (best == nullptr || band > best_band || (band == best_band && load < best_load)) {
      best = &sweep;
      best_band = band;
      best_load = load;
    }
  }
  return best;
}

std::vector<ReadyGroup>::iterator NextGroup(std::vector<ReadyGroup>& groups, const IdleWorker& worker) {
  const auto at_hand = std::find_if(groups.begin(), groups.end(), [&](const ReadyGroup& group) {
    return std::find(worker.cached_paths.begin(), worker.cached_paths.end(), group.path) !=
           worker.cached_paths.end();
  });
  return at_hand == groups.end() ? groups.begin() : at_hand;
}

size_t GroupCount(const std::vector<SweepDemand>& sweeps) {
  size_t count = 0;
  for (const SweepDemand& sweep : sweeps) count += sweep.groups.size();
  return count;
}

}  // namespace

std::vector<GrantDecision> DecideGrants(SchedulerSnapshot snapshot, absl::Time now,
                                        const SchedulerOptions& options) {
  std::vector<GrantDecision> grants;
  for (size_t i = 0; i < snapshot.workers.size(); ++i) {
    SweepDemand* sweep = NextSweep(snapshot.sweeps, now, options);
    if (sweep == nullptr) break;
    const IdleWorker& worker = snapshot.workers[i];
    const auto group = NextGroup(sweep->groups, worker);
    // Workers without a checkpoint of their own share the tasks of those there are.
    const size_t workers_left = snapshot.workers.size() - i;
    const size_t groups_left = GroupCount(snapshot.sweeps);
    const size_t ready = group->task_ids.size();
    const size_t share = workers_left <= groups_left
                             ? ready
                             : std::max<size_t>(1, (ready * groups_left + workers_left - 1) / workers_left);
    GrantDecision grant{worker.worker_id, sweep->sweep_id, group->checkpoint, {}};
    const auto end = group->task_ids.begin() + static_cast<std::ptrdiff_t>(std::min(share, ready));
    std::move(group->task_ids.begin(), end, std::back_inserter(grant.task_ids));
    group->task_ids.erase(group->task_ids.begin(), end);
    if (group->task_ids.empty()) sweep->groups.erase(group);
    sweep->tasks_in_hand += static_cast<int64_t>(grant.task_ids.size());
    sweep->waiting_since = now;
    grants.push_back(std::move(grant));
  }
  return grants;
}

}  // namespace probesweep::server
