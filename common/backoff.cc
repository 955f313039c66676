#include "common/backoff.h"

#include <algorithm>
#include <cmath>

namespace probesweep {

absl::Duration BackoffDelay(const BackoffOptions& options, int attempt, RandomSource& random) {
  const double growth = std::pow(options.factor, std::max(0, attempt - 1));
  const absl::Duration bound =
      std::min(options.maximum, absl::Seconds(absl::ToDoubleSeconds(options.initial) * growth));
  return bound * (0.5 + 0.5 * random.NextUnit());
}

}  // namespace probesweep
