#include "client/retry.h"

#include "absl/time/clock.h"

namespace probesweep::client {
namespace {

class SystemSleeper : public Sleeper {
 public:
  void Sleep(absl::Duration duration) override { absl::SleepFor(duration); }
};

}  // namespace

Sleeper* Sleeper::System() {
  static Sleeper* const sleeper = new SystemSleeper;
  return sleeper;
}

bool IsTransient(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

absl::Status CallWithRetries(const RetryPolicy& policy, const RetryTools& tools,
                             absl::FunctionRef<absl::Status()> attempt) {
  const absl::Duration start = tools.clock->Steady();
  for (int number = 1;; ++number) {
    const absl::Status status = attempt();
    if (!IsTransient(status) || number >= policy.max_attempts) return status;
    const absl::Duration wait = BackoffDelay(policy.backoff, number, *tools.random);
    if (tools.clock->Steady() + wait - start > policy.patience) return status;
    tools.sleeper->Sleep(wait);
  }
}

}  // namespace probesweep::client
