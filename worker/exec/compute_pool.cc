#include "worker/exec/compute_pool.h"

#include <system_error>
#include <utility>

#include "absl/time/time.h"
#include "common/clock.h"
#include "worker/exec/torch_boundary.h"
#include "worker/model/threads.h"

namespace probesweep::worker {

ComputePool::ComputePool(int threads) {
  UseOneThreadPerOperation();
  const int count = threads > 0 ? threads : UsableCores();
  threads_.reserve(static_cast<size_t>(count));
  try {
    for (int i = 0; i < count; ++i) threads_.emplace_back([this] { Loop(); });
  } catch (const std::system_error&) {
    // The system gives no more threads; those that there are do the work.
    if (threads_.empty()) throw;
  }
}

ComputePool::~ComputePool() {
  {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

void ComputePool::Submit(Job job) {
  absl::MutexLock lock(&mutex_);
  jobs_.push_back(std::move(job));
}

void ComputePool::Loop() {
  const auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return ending_ || !jobs_.empty(); };
  for (;;) {
    Job job;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&ready));
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

JobGroup::~JobGroup() {
  absl::MutexLock lock(&state_->mutex);
  state_->abandoned = true;
  state_->mutex.Await(absl::Condition(&JobGroup::Idle, state_.get()));
}

void JobGroup::Run(Job job) {
  size_t place;
  {
    absl::MutexLock lock(&state_->mutex);
    place = state_->results.size();
    state_->results.emplace_back();
    ++state_->pending;
  }
  pool_->Submit([state = state_, place, job = std::move(job)]() mutable { RunOne(*state, place, job); });
}

void JobGroup::RunOne(State& state, size_t place, Job& job) {
  const absl::Duration start = Clock::System()->Steady();
  absl::Status result;
  bool wanted;
  {
    absl::MutexLock lock(&state.mutex);
    wanted = !state.abandoned;
  }
  if (wanted) result = RunTorch([&job] { return job(); });
  job = nullptr;  // what it holds goes before it counts as done
  absl::MutexLock lock(&state.mutex);
  state.abandoned = state.abandoned || !result.ok();
  state.results[place] = std::move(result);
  state.busy += Clock::System()->Steady() - start;
  --state.pending;
}

absl::Duration JobGroup::busy() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->busy;
}

absl::Status JobGroup::Wait(absl::FunctionRef<bool()> cancelled) {
  const absl::Duration between_questions = absl::Milliseconds(100);
  bool was_cancelled = false;
  absl::MutexLock lock(&state_->mutex);
  while (!state_->mutex.AwaitWithTimeout(absl::Condition(&JobGroup::Idle, state_.get()), between_questions)) {
    state_->mutex.Unlock();
    was_cancelled = was_cancelled || cancelled();
    state_->mutex.Lock();
    state_->abandoned = state_->abandoned || was_cancelled;
  }
  if (was_cancelled) return absl::CancelledError("the pass was cancelled");
  for (const absl::Status& result : state_->results) {
    if (!result.ok()) return result;
  }
  return absl::OkStatus();
}

}  // namespace probesweep::worker
