#ifndef PROBESWEEP_WORKER_AGENT_AGENT_H_
#define PROBESWEEP_WORKER_AGENT_AGENT_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/ids.h"
#include "common/steady_cond_var.h"
#include "worker/agent/blob_cache.h"
#include "worker/agent/coordinator_client.h"
#include "worker/agent/lease_keeper.h"
#include "worker/agent/publisher.h"
#include "worker/agent/spool.h"
#include "worker/agent/spool_replay.h"
#include "worker/engine/pass.h"

namespace probesweep::worker {

class GrantObserver;

// The worker's life: register, lease, run a pass, commit, again. One pass at a time, on the thread that calls
// Run; heartbeats go out on a thread of their own, and so do outcomes. RequestDrain and RequestStop may be
// called from any thread.
class Agent {
 public:
  struct Options {
    std::string worker_id;
    std::string host;
    absl::Duration lease_wait = absl::Seconds(20);  // length of one long poll
    absl::Duration startup_patience =
        absl::Seconds(60);                            // how long Run tries to reach the coordinator at first
    uint64_t blob_cache_bytes = uint64_t{256} << 20;  // datasets kept in memory
    Spool* spool = nullptr;  // where outcomes wait for the coordinator; null: in memory, one at a time
  };

  Agent(Options options, CoordinatorClient* client, Engine* engine, Clock* clock, RandomSource* random);
  ~Agent();

  // Sends what a former process left in the spool, then works until drained or stopped. OK: drained or
  // stopped on request; what is not accepted by then stays in the spool. UNAVAILABLE: the coordinator was not
  // reached at first. FAILED_PRECONDITION: another process with this worker id took over.
  absl::Status Run();

  // Finish the pass in hand, take no other, return from Run.
  void RequestDrain();
  // Give the pass in hand back unfinished and return from Run.
  void RequestStop();

 private:
  absl::Status RegisterWithPatience();
  absl::Status Register();
  // The next grant; one without tasks when there was nothing to do in the time of a long poll.
  absl::StatusOr<v1::Grant> NextGrant();
  // After a poll that was cancelled: it may have been granted at that moment. The next poll gives such a
  // grant back, without waiting for it to expire.
  void ReturnUnseenGrant();
  // Grant after grant until the worker ends.
  void Work();
  // Runs the pass and publishes what it found. False, and the tasks given back, when the datasets could not
  // be fetched because the coordinator is away.
  bool RunGrant(const v1::Grant& grant);
  // Fetches the datasets. Those that cannot be had are reported to `observer` and left out. Errors:
  // UNAVAILABLE and DEADLINE_EXCEEDED (the coordinator is away), CANCELLED.
  absl::Status FillRequest(const v1::Grant& grant, GrantObserver& observer, PassRequest& request);
  // Waits until the grant's outcomes are answered, then releases the lease; keeps it when the worker must
  // stop before they are.
  void EndLease(const v1::Grant& grant, const PassStatistics& statistics, absl::Duration publishing);
  void Release(const v1::Grant& grant, const PassStatistics& statistics, absl::Duration commit);
  // Waits, at most until the agent ends.
  void Pause(absl::Duration duration);
  // Waits, a drain notwithstanding; false, at once, when the worker must stop.
  bool SleepUnlessStopped(absl::Duration duration);
  void EndWaiting();
  bool stopped() const { return stop_ || superseded_; }
  bool ending() const { return stop_ || drain_ || superseded_; }

  const Options options_;
  CoordinatorClient* const client_;
  Engine* const engine_;
  Clock* const clock_;
  RandomSource* const random_;
  v1::WorkerIdentity identity_;
  BlobCache blobs_;
  std::unique_ptr<SpoolReplay> replay_;  // null without a spool
  std::unique_ptr<LeaseKeeper> leases_;
  std::atomic<LeaseKeeper*> keeper_{nullptr};  // leases_, for other threads
  std::unique_ptr<Publisher> publisher_;
  std::atomic<bool> drain_{false};
  std::atomic<bool> stop_{false};
  std::atomic<bool> superseded_{false};
  std::atomic<bool> register_again_{false};
  absl::Mutex pause_mutex_;
  SteadyCondVar pause_ended_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_AGENT_AGENT_H_
