#ifndef PROBESWEEP_SERVER_LEADERSHIP_KEEPER_H_
#define PROBESWEEP_SERVER_LEADERSHIP_KEEPER_H_

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/steady_cond_var.h"
#include "server/store/leadership.h"

namespace probesweep::server {

// A thread that stands by until this process leads, then shows the others that it lives. Thread-safe.
class LeadershipKeeper {
 public:
  struct Options {
    absl::Duration look = absl::Seconds(1);   // between a standby's looks at the leader's record
    absl::Duration renew = absl::Seconds(2);  // between a leader's signs of life
    // Called once, on a thread beside the one that renews, when this process leads: it begins to serve. False
    // ends the keeper.
    std::function<bool()> on_lead;
    // Called once on the thread when another coordinator leads, with what the store said; ends the keeper.
    std::function<void(const absl::Status&)> on_lost;
  };

  // `leadership` outlives the keeper.
  LeadershipKeeper(Leadership* leadership, Options options);
  // Stops.
  ~LeadershipKeeper();
  LeadershipKeeper(const LeadershipKeeper&) = delete;
  LeadershipKeeper& operator=(const LeadershipKeeper&) = delete;

  // Ends the threads; waits for what they are at. May be repeated, but not called on one of them.
  void Stop();

 private:
  void Run();
  void RequestStop();
  // Returns whether this process leads; false: it was stopped first.
  bool AwaitLead();
  // Renews until it is stopped, or another leads.
  void KeepLead();
  // Returns whether to go on.
  bool Sleep(absl::Duration duration);

  Leadership* const leadership_;
  const Options options_;
  absl::Mutex mutex_;
  SteadyCondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Mutex join_mutex_;
  std::thread thread_ ABSL_GUARDED_BY(join_mutex_);
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_LEADERSHIP_KEEPER_H_
