#include "common/steady_cond_var.h"

#include <algorithm>
#include <chrono>

namespace probesweep {
namespace {

using Deadline = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

// So much later that nobody is there any more, and still a number of nanoseconds.
constexpr absl::Duration kLongest = absl::Hours(24 * 365);

Deadline After(absl::Duration timeout) {
  return std::chrono::steady_clock::now() +
         absl::ToChronoNanoseconds(std::clamp(timeout, absl::ZeroDuration(), kLongest));
}

// A mutex by the names that the standard library calls.
struct Lockable {
  absl::Mutex* mutex;
  void lock() ABSL_NO_THREAD_SAFETY_ANALYSIS { mutex->Lock(); }
  void unlock() ABSL_NO_THREAD_SAFETY_ANALYSIS { mutex->Unlock(); }
};

}  // namespace

// libstdc++ waits for a steady time by pthread_cond_clockwait(CLOCK_MONOTONIC).
void SteadyCondVar::WaitWithTimeout(absl::Mutex* mutex, absl::Duration timeout) {
  Lockable lockable{mutex};
  changed_.wait_until(lockable, After(timeout));
}

bool SteadyCondVar::AwaitWithTimeout(absl::Mutex* mutex, const absl::Condition& condition,
                                     absl::Duration timeout) {
  Lockable lockable{mutex};
  return changed_.wait_until(lockable, After(timeout), [&] { return condition.Eval(); });
}

}  // namespace probesweep
