#include "worker/agent/spool_replay.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/backoff.h"
#include "common/log_fields.h"
#include "common/logging.h"
#include "common/status.h"
#include "worker/agent/outcome_fields.h"

namespace probesweep::worker {
namespace {

// The coordinator tells its own lease length only to who registers. This is shorter than any that it allows,
// so that no lease is taken for live which is not.
LeaseKeeper::Options CautiousOptions() {
  LeaseKeeper::Options options;
  options.lease_ttl = absl::Seconds(5);
  options.publish_margin = absl::Seconds(1);
  options.interval = absl::Seconds(1);
  return options;
}

}  // namespace

absl::Status SpoolReplay::Run(absl::Duration patience) {
  for (const Legacy& legacy : Sort()) PS_RETURN_IF_ERROR(Send(legacy, patience));
  return absl::OkStatus();
}

void SpoolReplay::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
  if (keeper_ != nullptr) keeper_->StopWaiting();
}

void SpoolReplay::SetKeeper(LeaseKeeper* keeper) {
  absl::MutexLock lock(&mutex_);
  keeper_ = keeper;
  if (stopped_ && keeper != nullptr) keeper->StopWaiting();
}

std::vector<SpoolReplay::Legacy> SpoolReplay::Sort() {
  std::vector<Legacy> legacies;
  for (const Spool::Entry& entry : spool_->found()) {
    const absl::StatusOr<Outcome> outcome = spool_->Load(entry);
    if (!outcome.ok()) {
      spool_->SetAside(entry, outcome.status());
      continue;
    }
    const v1::WorkerIdentity& worker = outcome->worker();
    auto legacy = std::find_if(legacies.begin(), legacies.end(), [&](const Legacy& other) {
      return other.worker.worker_id() == worker.worker_id() &&
             other.worker.incarnation() == worker.incarnation();
    });
    if (legacy == legacies.end()) legacy = legacies.insert(legacy, Legacy{worker, {}, {}});
    legacy->leases.insert(outcome->lease_id());
    legacy->entries.push_back(entry);
    legacy->entries.back().fields = FieldsOf(*outcome);
  }
  return legacies;
}

absl::Status SpoolReplay::Send(const Legacy& legacy, absl::Duration patience) {
  spdlog::info("{} outcomes of worker {} lie in {} since it ended; sending them first{}",
               legacy.entries.size(), legacy.worker.worker_id(), spool_->folder(),
               LogFields({{"worker", legacy.worker.worker_id()}}));
  LeaseKeeper keeper(CautiousOptions(), legacy.worker, tools_.client, tools_.clock, tools_.random);
  for (const std::string& lease : legacy.leases) keeper.TrackUnconfirmed(lease);
  SetKeeper(&keeper);
  absl::Status status = Confirm(legacy, keeper, patience);
  if (status.ok()) {
    // What a heartbeat tells of the former process is seen in its leases.
    keeper.Start([](LeaseKeeper::Verdict) {});
    OutcomeSender sender(tools_.client, &keeper, tools_.random, tools_.sleep);
    for (const Spool::Entry& entry : legacy.entries) {
      const OutcomeSender::Result result = sender.SendSpooled(entry, *spool_);
      if (result.ending == OutcomeSender::Ending::kUnsent) {
        status = result.status;
        break;
      }
      if (result.ending == OutcomeSender::Ending::kAccepted) {
        spdlog::info("{} accepted{}", entry.path, entry.fields);
      } else if (result.ending != OutcomeSender::Ending::kUnreadable) {
        spdlog::warn("{} not accepted, its task is computed again: {}{}", entry.path, result.status.message(),
                     entry.fields);
      }
    }
  }
  SetKeeper(nullptr);
  return status;
}

absl::Status SpoolReplay::Confirm(const Legacy& legacy, LeaseKeeper& keeper, absl::Duration patience) {
  const absl::Duration give_up = tools_.clock->Steady() + patience;
  const BackoffOptions backoff;
  for (int attempt = 1;; ++attempt) {
    keeper.Beat();
    // One heartbeat tells of all of them.
    if (!keeper.Doubtful(*legacy.leases.begin())) return absl::OkStatus();
    if (tools_.clock->Steady() >= give_up) {
      return absl::UnavailableError(absl::StrCat("the coordinator was not reached; ", legacy.entries.size(),
                                                 " outcomes stay in ", spool_->folder(),
                                                 " and are sent when this worker starts again"));
    }
    if (!tools_.sleep(BackoffDelay(backoff, attempt, *tools_.random))) {
      return absl::CancelledError("the worker is stopping");
    }
  }
}

}  // namespace probesweep::worker
