#ifndef PROBESWEEP_WORKER_AGENT_PUBLISHER_H_
#define PROBESWEEP_WORKER_AGENT_PUBLISHER_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/backoff.h"
#include "worker/agent/coordinator_client.h"
#include "worker/agent/lease_keeper.h"
#include "worker/engine/pass.h"

namespace probesweep::worker {

// Hands a task's outcome to the coordinator: artifacts first, then the commit, tried again until it is
// accepted or the lease is lost. While the coordinator is away the outcome is held. Used by the pass's thread
// alone.
class Publisher {
 public:
  // Sleeps; false, at once, when the worker must stop.
  using Sleeper = std::function<bool(absl::Duration)>;
  Publisher(v1::WorkerIdentity worker, CoordinatorClient* client, LeaseKeeper* leases, RandomSource* random,
            Sleeper sleep);

  // OK: stored. ABORTED: the lease is lost, somebody else does the task. CANCELLED: the worker stops.
  // Any other error is the coordinator's refusal; the task was then reported as failed.
  absl::Status Publish(const v1::Grant& grant, const v1::GrantedTask& task, const DimensionResult& result);
  absl::Status PublishFailure(const v1::Grant& grant, const v1::GrantedTask& task,
                              const absl::Status& failure);

 private:
  // Runs `attempt` under a confirmed lease, again while it answers with an error that may pass.
  absl::Status Insist(const std::string& lease_id, const std::function<absl::Status()>& attempt);

  const v1::WorkerIdentity worker_;
  CoordinatorClient* const client_;
  LeaseKeeper* const leases_;
  RandomSource* const random_;
  const Sleeper sleep_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_AGENT_PUBLISHER_H_
