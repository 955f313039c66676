#ifndef PROBESWEEP_WORKER_AGENT_LEASE_KEEPER_H_
#define PROBESWEEP_WORKER_AGENT_LEASE_KEEPER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/ids.h"
#include "common/steady_cond_var.h"
#include "worker/agent/coordinator_client.h"

namespace probesweep::worker {

// Keeps leases alive: one thread sends heartbeats, and everybody asks here whether a lease may still be used.
//
//   held ──heartbeat renews──▶ held        held ──answer omits it──▶ lost
//   held ──deadline − margin passes──▶ doubtful ──heartbeat renews──▶ held
//
// Nothing may be published under a doubtful lease: the coordinator may have given the tasks away. It is not
// thrown away either: a coordinator that comes back renews it. Thread-safe.
class LeaseKeeper {
 public:
  struct Options {
    absl::Duration interval = absl::Seconds(10);       // between heartbeats, ± 10 % jitter
    absl::Duration retry_interval = absl::Seconds(1);  // after a heartbeat that failed
    absl::Duration lease_ttl = absl::Seconds(30);
    absl::Duration publish_margin = absl::Seconds(5);  // no publishing this long before the lease ends
  };
  // What the agent must do after a heartbeat.
  enum class Verdict { kGoOn, kRegisterAgain, kSuperseded };

  LeaseKeeper(Options options, v1::WorkerIdentity worker, CoordinatorClient* client, Clock* clock,
              RandomSource* random);
  ~LeaseKeeper();

  // Starts the thread. `on_verdict` is called from it, for anything but kGoOn.
  void Start(std::function<void(Verdict)> on_verdict);
  void Stop();
  // From now on AwaitPublishable does not wait: it answers CANCELLED for a doubtful lease. From any thread.
  void StopWaiting();

  // A lease granted by a request sent at steady time `sent`. The coordinator may have parked that request, so
  // the lease is at least as young as this says; a heartbeat follows at once and sets it right.
  void Track(const std::string& lease_id, absl::Duration sent);
  // A lease that may be over: doubtful until a heartbeat tells.
  void TrackUnconfirmed(const std::string& lease_id);
  void Forget(const std::string& lease_id);
  // What the next heartbeats tell of the pass under this lease: its layers, and that a smaller part of it is
  // done. Heartbeats alone do not show that a pass gets on.
  void ReportProgress(const std::string& lease_id, int layers_done, int layers_total);
  void CountStep(const std::string& lease_id);

  // Waits while the lease is doubtful. OK: publish now. ABORTED: it is lost. CANCELLED: stopped.
  absl::Status AwaitPublishable(const std::string& lease_id);
  bool Doubtful(const std::string& lease_id) const;
  bool Lost(const std::string& lease_id) const;
  bool Revoked(const std::string& task_id) const;
  bool drain_requested() const;

  // One heartbeat, now. Start's thread calls it; tests call it directly.
  Verdict Beat();

 private:
  struct Lease {
    absl::Duration deadline;  // steady
    bool lost = false;
    int layers_done = 0;
    int layers_total = 0;
    int64_t steps = 0;
  };

  // Whether Loop is to wait no longer.
  bool Awaited() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || beat_now_; }
  void Loop(const std::function<void(Verdict)>& on_verdict);
  v1::HeartbeatRequest BuildRequest() const;
  // The coordinator does not know this worker, or knows another in its place.
  void LoseAll();
  void Absorb(const v1::HeartbeatRequest& request, const v1::HeartbeatResponse& response,
              absl::Duration sent);
  bool Publishable(const Lease& lease) const {
    return clock_->Steady() + options_.publish_margin < lease.deadline;
  }

  const Options options_;
  const v1::WorkerIdentity worker_;
  CoordinatorClient* const client_;
  Clock* const clock_;
  RandomSource* const random_;

  mutable absl::Mutex mutex_;
  SteadyCondVar changed_;
  std::map<std::string, Lease> leases_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> revoked_ ABSL_GUARDED_BY(mutex_);
  bool drain_ ABSL_GUARDED_BY(mutex_) = false;
  bool beat_now_ ABSL_GUARDED_BY(mutex_) = false;
  bool waiting_ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_AGENT_LEASE_KEEPER_H_
