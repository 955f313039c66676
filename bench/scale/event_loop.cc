#include "bench/scale/event_loop.h"

#include "absl/time/clock.h"

namespace probesweep::bench {

void EventLoop::Post(Event event) {
  absl::MutexLock lock(&mutex_);
  posted_.push_back(std::move(event));
}

void EventLoop::At(absl::Time time, Event event) {
  timers_.emplace(std::pair(time, next_timer_++), std::move(event));
}

void EventLoop::After(absl::Duration delay, Event event) { At(absl::Now() + delay, std::move(event)); }

void EventLoop::Run() {
  while (true) {
    std::vector<Event> events;
    {
      absl::MutexLock lock(&mutex_);
      const absl::Time wake = timers_.empty() ? absl::InfiniteFuture() : timers_.begin()->first.first;
      mutex_.AwaitWithDeadline(absl::Condition(this, &EventLoop::HasWork), wake);
      if (stopping_) return;
      events.swap(posted_);
    }
    for (Event& event : events) event();
    const absl::Time now = absl::Now();
    while (!timers_.empty() && timers_.begin()->first.first <= now) {
      Event event = std::move(timers_.begin()->second);
      timers_.erase(timers_.begin());
      event();
    }
  }
}

void EventLoop::Stop() {
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
}

}  // namespace probesweep::bench
