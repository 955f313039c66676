#ifndef PROBESWEEP_WORKER_AGENT_OUTCOME_SENDER_H_
#define PROBESWEEP_WORKER_AGENT_OUTCOME_SENDER_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/ids.h"
#include "worker/agent/coordinator_client.h"
#include "worker/agent/lease_keeper.h"
#include "worker/agent/outcome.h"
#include "worker/agent/spool.h"

namespace probesweep::worker {

// Hands an outcome to the coordinator: artifacts first, then the commit, each tried again until it is
// answered for good, and never under a lease that is in doubt. For one thread at a time.
class OutcomeSender {
 public:
  enum class Ending {
    kAccepted,    // the coordinator has it in its store
    kStale,       // the lease is over: somebody else does the task, or nobody wants it any more
    kRefused,     // the coordinator does not take it, now or later; the task was reported as failed
    kUnreadable,  // the artifacts could not be read back
    kUnsent,      // the worker stops
  };
  struct Result {
    Ending ending;
    absl::Status status;  // says why
  };
  // Sleeps; false, at once, when the worker must stop.
  using Sleeper = std::function<bool(absl::Duration)>;

  OutcomeSender(CoordinatorClient* client, LeaseKeeper* leases, RandomSource* random, Sleeper sleep);

  Result Send(const Outcome& outcome);
  // Sends it, then removes it from the spool or sets it aside; leaves it there when it is unsent.
  Result SendSpooled(const Spool::Entry& entry, Spool& spool);

 private:
  // Runs `attempt` under the outcome's lease, confirmed, again while it answers with an error that may pass.
  absl::Status Insist(const Outcome& outcome, const std::function<absl::Status()>& attempt);
  Result SendCommit(const Outcome& outcome);
  // `unreadable` is set when it is the artifacts that could not be read.
  absl::Status Upload(const Outcome& outcome, bool& unreadable);
  Result SendFailure(const Outcome& outcome);

  CoordinatorClient* const client_;
  LeaseKeeper* const leases_;
  RandomSource* const random_;
  const Sleeper sleep_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_AGENT_OUTCOME_SENDER_H_
