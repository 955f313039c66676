#ifndef PROBESWEEP_COMMON_REPEATING_TASK_H_
#define PROBESWEEP_COMMON_REPEATING_TASK_H_

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/steady_cond_var.h"

namespace probesweep {

// Runs a task again and again on a thread of its own, `interval` after its last end, the first time
// `interval` after the start, until destroyed. The destructor waits for a run in progress.
class RepeatingTask {
 public:
  RepeatingTask(absl::Duration interval, std::function<void()> task);
  ~RepeatingTask();
  RepeatingTask(const RepeatingTask&) = delete;
  RepeatingTask& operator=(const RepeatingTask&) = delete;

 private:
  void Run();

  const absl::Duration interval_;
  const std::function<void()> task_;
  absl::Mutex mutex_;
  SteadyCondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_REPEATING_TASK_H_
