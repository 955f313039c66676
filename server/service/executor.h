#ifndef PROBESWEEP_SERVER_SERVICE_EXECUTOR_H_
#define PROBESWEEP_SERVER_SERVICE_EXECUTOR_H_

#include <cstddef>
#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace probesweep::server {

struct ExecutorOptions {
  // Its jobs wait for disks more than they compute; one that hangs (a dead network mount) must not stop the
  // others.
  int threads = 8;
  size_t max_queue = 1'000;  // jobs that wait; more are refused
};

// Threads for what blocks: folders that are looked at, blobs, outcomes that are read. Thread-safe.
class Executor {
 public:
  using Job = absl::AnyInvocable<void()>;

  explicit Executor(const ExecutorOptions& options);
  // Shuts down.
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Errors: UNAVAILABLE (too many jobs wait, or stopping); `job` is dropped then.
  absl::Status Post(Job job);

  // Jobs that wait.
  size_t queue_depth() const;

  // Runs what was accepted, then ends the threads. May be repeated.
  void Shutdown();

 private:
  void Work();
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !queue_.empty(); }

  const ExecutorOptions options_;
  mutable absl::Mutex mutex_;
  std::deque<Job> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Mutex join_mutex_;
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(join_mutex_);
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_SERVICE_EXECUTOR_H_
