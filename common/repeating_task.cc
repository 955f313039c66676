#include "common/repeating_task.h"

#include <utility>

namespace probesweep {

RepeatingTask::RepeatingTask(absl::Duration interval, std::function<void()> task)
    : interval_(interval), task_(std::move(task)), thread_([this] { Run(); }) {}

RepeatingTask::~RepeatingTask() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.SignalAll();
  }
  thread_.join();
}

void RepeatingTask::Run() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (changed_.AwaitWithTimeout(&mutex_, absl::Condition(&stopping_), interval_)) return;
    }
    task_();
  }
}

}  // namespace probesweep
