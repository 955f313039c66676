// What the coordinator shows without being asked: watched sweeps and gauges.
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/service/core.h"

namespace probesweep::server {

uint64_t CoordinatorCore::Watch(const std::string& sweep_id, Watcher watcher) {
  const uint64_t id = next_id_++;
  if (const absl::StatusOr<SweepEntry*> entry = NeedSweep(sweep_id); entry.ok()) {
    Watch_& watch = watches_[id];
    watch.sweep_id = sweep_id;
    watch.watcher = std::move(watcher);
  } else {
    watcher(broken_.ok() ? entry.status() : broken_);
  }
  return id;
}

void CoordinatorCore::Unwatch(uint64_t watch_id) { watches_.erase(watch_id); }

void CoordinatorCore::Notify(const absl::flat_hash_set<std::string>& touched) {
  const absl::Duration now = clock_->Steady();
  std::vector<uint64_t> ended;
  for (auto& [id, watch] : watches_) {
    watch.pending = watch.pending || touched.contains(watch.sweep_id);
    if (!watch.pending) continue;
    const SweepEntry* entry = state_.FindSweep(watch.sweep_id);
    if (entry == nullptr) {
      watch.watcher(absl::NotFoundError(absl::StrCat("sweep '", watch.sweep_id, "' was deleted")));
      ended.push_back(id);
      continue;
    }
    const SweepState state = StateOf(entry->counts);
    if (watch.told == state && now < watch.not_before) continue;
    watch.told = state;
    watch.pending = false;
    watch.not_before = now + options_.watch_interval;
    watch.watcher(UpdateOf(*entry));
  }
  for (const uint64_t id : ended) watches_.erase(id);
}

void CoordinatorCore::PublishGauges() {
  CoordinatorGauges gauges;
  gauges.tasks = state_.counts().by_state;
  gauges.sweeps = state_.sweep_counts();
  gauges.workers = fleet_.CountByState();
  observer_->OnGauges(gauges);
}

SweepUpdate CoordinatorCore::UpdateOf(const SweepEntry& entry) const {
  SweepUpdate update{entry.view(), {}};
  for (WorkerView& view : fleet_.ViewsOfSweep(entry.sweep->id)) {
    update.workers.push_back(Complete(std::move(view)));
  }
  return update;
}

WorkerView CoordinatorCore::Complete(WorkerView view) const {
  const SweepEntry* entry = state_.FindSweep(view.sweep_id);
  size_t index = 0;
  if (entry != nullptr && absl::SimpleAtoi(view.checkpoint, &index)) {
    view.checkpoint = entry->sweep->checkpoints[index].name;
  } else {
    view.checkpoint.clear();
  }
  return view;
}

}  // namespace probesweep::server
