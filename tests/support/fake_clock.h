// Time and randomness that a test sets by hand.
#ifndef PROBESWEEP_TESTS_SUPPORT_FAKE_CLOCK_H_
#define PROBESWEEP_TESTS_SUPPORT_FAKE_CLOCK_H_

#include <atomic>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/clock.h"
#include "common/ids.h"

namespace probesweep::testing {

// Stands still until it is told to advance; wall and steady time go together. Thread-safe.
class ManualClock : public Clock {
 public:
  absl::Time Now() const override { return absl::UnixEpoch() + Steady(); }
  absl::Duration Steady() const override {
    absl::MutexLock lock(&mutex_);
    return now_;
  }
  void Advance(absl::Duration by) {
    absl::MutexLock lock(&mutex_);
    now_ += by;
  }

 private:
  mutable absl::Mutex mutex_;
  absl::Duration now_ ABSL_GUARDED_BY(mutex_) = absl::Seconds(1000);
};

// Never the same value twice, always the same series. As units they are near 0. Thread-safe.
class CountingRandom : public RandomSource {
 public:
  uint64_t Next64() override { return ++value_ << 40; }

 private:
  std::atomic<uint64_t> value_{0};
};

}  // namespace probesweep::testing

#endif  // PROBESWEEP_TESTS_SUPPORT_FAKE_CLOCK_H_
