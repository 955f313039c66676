#ifndef PROBESWEEP_WORKER_AGENT_SPOOL_REPLAY_H_
#define PROBESWEEP_WORKER_AGENT_SPOOL_REPLAY_H_

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/ids.h"
#include "worker/agent/coordinator_client.h"
#include "worker/agent/lease_keeper.h"
#include "worker/agent/outcome_sender.h"
#include "worker/agent/spool.h"

namespace probesweep::worker {

// Sends what a former process of this worker left in the spool, under that process's identity. To be run
// before this process registers: a new incarnation ends the leases of the former one. A heartbeat in the
// former one's name tells which leases are live and keeps them so; outcomes of the others are dropped.
class SpoolReplay {
 public:
  struct Tools {
    CoordinatorClient* client;
    Clock* clock;
    RandomSource* random;
    OutcomeSender::Sleeper sleep;  // false, at once, when the worker must stop
  };
  SpoolReplay(Spool* spool, Tools tools) : spool_(spool), tools_(std::move(tools)) {}

  // OK: nothing is left that could be sent. UNAVAILABLE: the coordinator was not reached within `patience`.
  // CANCELLED: stopped. Either way what is not answered stays in the spool.
  absl::Status Run(absl::Duration patience);
  // Ends Run; from any thread.
  void Stop();

 private:
  // What one former process left.
  struct Legacy {
    v1::WorkerIdentity worker;
    std::set<std::string> leases;
    std::vector<Spool::Entry> entries;
  };

  std::vector<Legacy> Sort();
  absl::Status Send(const Legacy& legacy, absl::Duration patience);
  // Waits until the coordinator has told which leases are live.
  absl::Status Confirm(const Legacy& legacy, LeaseKeeper& keeper, absl::Duration patience);
  void SetKeeper(LeaseKeeper* keeper);

  Spool* const spool_;
  const Tools tools_;
  absl::Mutex mutex_;
  LeaseKeeper* keeper_ ABSL_GUARDED_BY(mutex_) = nullptr;  // of the leases being replayed
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_AGENT_SPOOL_REPLAY_H_
