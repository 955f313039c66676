// Retries of idempotent calls, with injected time, randomness and sleep.
#ifndef PROBESWEEP_CLIENT_RETRY_H_
#define PROBESWEEP_CLIENT_RETRY_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/backoff.h"
#include "common/clock.h"
#include "common/ids.h"

namespace probesweep::client {

// Thread-safe.
class Sleeper {
 public:
  virtual ~Sleeper() = default;
  virtual void Sleep(absl::Duration duration) = 0;

  // Really sleeps; lives as long as the process.
  static Sleeper* System();
};

struct RetryPolicy {
  BackoffOptions backoff;
  int max_attempts = 5;                         // the first one included
  absl::Duration patience = absl::Seconds(30);  // no attempt starts later than this after the first one
};

// What a retry loop needs from the world; nothing is owned.
struct RetryTools {
  Clock* clock = Clock::System();
  RandomSource* random = RandomSource::System();
  Sleeper* sleeper = Sleeper::System();
};

// True for UNAVAILABLE and DEADLINE_EXCEEDED: the call may be repeated when it is idempotent.
bool IsTransient(const absl::Status& status);

// Calls `attempt` until it answers with anything but a transient error, or the policy is spent; the last
// attempt's status is returned.
absl::Status CallWithRetries(const RetryPolicy& policy, const RetryTools& tools,
                             absl::FunctionRef<absl::Status()> attempt);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_RETRY_H_
