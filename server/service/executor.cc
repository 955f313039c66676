#include "server/service/executor.h"

#include <utility>

namespace probesweep::server {

Executor::Executor(const ExecutorOptions& options) : options_(options) {
  absl::MutexLock lock(&join_mutex_);
  for (int i = 0; i < options.threads; ++i) threads_.emplace_back([this] { Work(); });
}

Executor::~Executor() { Shutdown(); }

absl::Status Executor::Post(Job job) {
  absl::MutexLock lock(&mutex_);
  if (stopping_) return absl::UnavailableError("the coordinator is stopping; try again in a moment");
  if (queue_.size() >= options_.max_queue) {
    return absl::UnavailableError("the coordinator's disks are overloaded; try again in a moment");
  }
  queue_.push_back(std::move(job));
  return absl::OkStatus();
}

size_t Executor::queue_depth() const {
  absl::MutexLock lock(&mutex_);
  return queue_.size();
}

void Executor::Work() {
  while (true) {
    Job job;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &Executor::HasWork));
      if (queue_.empty()) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    job();
  }
}

void Executor::Shutdown() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  absl::MutexLock lock(&join_mutex_);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace probesweep::server
