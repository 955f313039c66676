// Exponential backoff with full jitter.
#ifndef PROBESWEEP_COMMON_BACKOFF_H_
#define PROBESWEEP_COMMON_BACKOFF_H_

#include "absl/time/time.h"
#include "common/ids.h"

namespace probesweep {

struct BackoffOptions {
  absl::Duration initial = absl::Milliseconds(200);  // the first wait's upper bound
  absl::Duration maximum = absl::Seconds(10);        // no wait is longer
  double factor = 2.0;                               // growth of the upper bound per attempt
};

// The wait before attempt `attempt` + 1 (attempt counts from 1): uniform in [bound/2, bound] with
// bound = min(maximum, initial · factor^(attempt−1)). Half is kept so that retries never come at once.
absl::Duration BackoffDelay(const BackoffOptions& options, int attempt, RandomSource& random);

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_BACKOFF_H_
