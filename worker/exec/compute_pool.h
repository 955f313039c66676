// How a pass uses its cores: many jobs at once, each on one core.
//
// A job computes the same bits whatever the number of cores, since no operation inside it is split; jobs need
// no barriers, so a core taken away by another process delays one job only. docs/adr/0002 weighs this against
// threads inside each operation.
#ifndef PROBESWEEP_WORKER_EXEC_COMPUTE_POOL_H_
#define PROBESWEEP_WORKER_EXEC_COMPUTE_POOL_H_

#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace probesweep::worker {

// Threads that take jobs in the order they came. Thread-safe.
class ComputePool {
 public:
  using Job = absl::AnyInvocable<void()>;

  // `threads`: 0 means as many as the process may use cores; there are fewer where the system gives no more.
  // Makes every torch and BLAS operation of the process use one thread.
  explicit ComputePool(int threads);
  // Runs what is queued, then ends.
  ~ComputePool();
  ComputePool(const ComputePool&) = delete;
  ComputePool& operator=(const ComputePool&) = delete;

  void Submit(Job job);
  int threads() const { return static_cast<int>(threads_.size()); }

 private:
  void Loop();

  absl::Mutex mutex_;
  std::deque<Job> jobs_ ABSL_GUARDED_BY(mutex_);
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

// Jobs that are waited for together. Run and Wait belong to one thread. Destroyed, it waits.
class JobGroup {
 public:
  using Job = absl::AnyInvocable<absl::Status()>;

  explicit JobGroup(ComputePool* pool) : pool_(pool), state_(std::make_shared<State>()) {}
  ~JobGroup();
  JobGroup(const JobGroup&) = delete;
  JobGroup& operator=(const JobGroup&) = delete;

  // Queues a job; torch's exceptions in it become statuses (torch_boundary.h).
  void Run(Job job);
  // Waits for all jobs; asks `cancelled` meanwhile. The error of the first job that has one, in the order
  // they were queued; jobs not yet begun are left out once a job failed or `cancelled` said so. CANCELLED
  // then.
  absl::Status Wait(absl::FunctionRef<bool()> cancelled);
  // What the jobs took so far, summed over cores.
  absl::Duration busy() const;

 private:
  struct State {
    absl::Mutex mutex;
    int pending ABSL_GUARDED_BY(mutex) = 0;
    bool abandoned ABSL_GUARDED_BY(mutex) = false;
    absl::Duration busy ABSL_GUARDED_BY(mutex);
    std::vector<absl::Status> results ABSL_GUARDED_BY(mutex);
  };
  static bool Idle(State* state) ABSL_SHARED_LOCKS_REQUIRED(state->mutex) { return state->pending == 0; }
  static void RunOne(State& state, size_t place, Job& job);

  ComputePool* const pool_;
  const std::shared_ptr<State> state_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_EXEC_COMPUTE_POOL_H_
