#include "worker/exec/machine_rates.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <atomic>

#include "common/clock.h"
#include "common/status.h"
#include "worker/exec/torch_boundary.h"

namespace probesweep::worker {

absl::StatusOr<double> MeasureSgemmRate(ComputePool* pool, absl::Duration duration) {
  constexpr int64_t kSize = 1024;  // as large as a chunk's products are in their smallest dimension
  constexpr double kFlops = 2.0 * kSize * kSize * kSize;
  Clock& clock = *Clock::System();
  std::atomic<int64_t> products{0};
  JobGroup jobs(pool);
  const absl::Duration start = clock.Steady();
  for (int i = 0; i < pool->threads(); ++i) {
    jobs.Run([&] {
      const at::Tensor a = at::ones({kSize, kSize}, at::kFloat), b = at::ones({kSize, kSize}, at::kFloat);
      at::Tensor product = at::empty({kSize, kSize}, at::kFloat);
      do {
        at::mm_out(product, a, b.t());
        products.fetch_add(1, std::memory_order_relaxed);
      } while (clock.Steady() - start < duration);
      return absl::OkStatus();
    });
  }
  PS_RETURN_IF_ERROR(jobs.Wait([] { return false; }));
  return static_cast<double>(products) * kFlops / absl::ToDoubleSeconds(jobs.busy());
}

absl::StatusOr<double> MeasureReadRate(WeightSource& weights, const std::vector<WeightTensor>& tensors,
                                       absl::Duration at_most) {
  Clock& clock = *Clock::System();
  const absl::Duration start = clock.Steady();
  const int64_t before = weights.bytes_read();
  PS_RETURN_IF_ERROR(RunTorch([&]() -> absl::Status {
    for (const WeightTensor& tensor : tensors) {
      PS_RETURN_IF_ERROR(weights.Read(tensor.name, tensor.shape).status());
      if (clock.Steady() - start >= at_most) break;
    }
    return absl::OkStatus();
  }));
  const auto bytes = static_cast<double>(weights.bytes_read() - before);
  if (bytes == 0) return absl::FailedPreconditionError("there are no tensors to measure the reading by");
  return bytes / std::max(1e-9, absl::ToDoubleSeconds(clock.Steady() - start));
}

}  // namespace probesweep::worker
