#include "bench/engine/throttled_weights.h"

#include <ATen/ATen.h>

#include <utility>

#include "absl/time/clock.h"
#include "common/clock.h"

namespace probesweep::worker {

absl::StatusOr<at::Tensor> ThrottledWeights::Read(const std::string& name,
                                                  const std::vector<int64_t>& shape) {
  const absl::Duration start = Clock::System()->Steady();
  const int64_t before = weights_.bytes_read();
  absl::StatusOr<at::Tensor> tensor = weights_.Read(name, shape);
  if (bytes_per_second_ > 0) {
    const auto bytes = static_cast<double>(weights_.bytes_read() - before);
    absl::SleepFor(absl::Seconds(bytes / bytes_per_second_) - (Clock::System()->Steady() - start));
  }
  busy_ += Clock::System()->Steady() - start;
  return tensor;
}

}  // namespace probesweep::worker
