#ifndef PROBESWEEP_COMMON_STEADY_COND_VAR_H_
#define PROBESWEEP_COMMON_STEADY_COND_VAR_H_

#include <condition_variable>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace probesweep {

// A condition variable for an absl::Mutex whose timed waits go by the steady clock. Debian's absl waits until
// a time of the wall clock instead: set the clock back by an hour, and whoever waits for ten seconds wakes
// after an hour. So whatever must go on in time (heartbeats, renewals, retries) waits here.
//
// Unlike Mutex::Await, nothing here notices by itself that a condition came true: who makes it true calls
// SignalAll. Thread-safe.
class SteadyCondVar {
 public:
  SteadyCondVar() = default;
  SteadyCondVar(const SteadyCondVar&) = delete;
  SteadyCondVar& operator=(const SteadyCondVar&) = delete;

  // Gives `mutex` up while it waits for a signal, for `timeout` at most. May return before either.
  void WaitWithTimeout(absl::Mutex* mutex, absl::Duration timeout) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);

  // Waits until `condition` is true, for `timeout` at most. Returns whether it is.
  bool AwaitWithTimeout(absl::Mutex* mutex, const absl::Condition& condition, absl::Duration timeout)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);

  void SignalAll() { changed_.notify_all(); }

 private:
  std::condition_variable_any changed_;
};

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_STEADY_COND_VAR_H_
