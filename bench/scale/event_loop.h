#ifndef PROBESWEEP_BENCH_SCALE_EVENT_LOOP_H_
#define PROBESWEEP_BENCH_SCALE_EVENT_LOOP_H_

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace probesweep::bench {

// Runs all that a thousand simulated workers do on one thread, so that they need no locks.
class EventLoop {
 public:
  using Event = absl::AnyInvocable<void()>;

  // Runs `event` soon. From any thread.
  void Post(Event event);
  // Runs `event` at that time at the earliest. From the loop's thread, or before Run.
  void At(absl::Time time, Event event);
  void After(absl::Duration delay, Event event);
  // Until Stop.
  void Run();
  void Stop();

 private:
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !posted_.empty(); }

  absl::Mutex mutex_;
  std::vector<Event> posted_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t next_timer_ = 0;
  std::map<std::pair<absl::Time, uint64_t>, Event> timers_;  // of the loop's thread
};

}  // namespace probesweep::bench

#endif  // PROBESWEEP_BENCH_SCALE_EVENT_LOOP_H_
