#ifndef PROBESWEEP_BENCH_ENGINE_THROTTLED_WEIGHTS_H_
#define PROBESWEEP_BENCH_ENGINE_THROTTLED_WEIGHTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "worker/checkpoint/weight_source.h"

namespace probesweep::worker {

// Weights that come no faster than a given rate, as from a slow disk: a read that was quicker sleeps for the
// rest of its time. Not thread-safe.
class ThrottledWeights : public WeightSource {
 public:
  // `bytes_per_second`: of what is stored; 0 lets everything through. `weights` outlives this.
  ThrottledWeights(WeightSource& weights, double bytes_per_second)
      : weights_(weights), bytes_per_second_(bytes_per_second) {}

  bool Has(const std::string& name) const override { return weights_.Has(name); }
  std::vector<std::string> Names() const override { return weights_.Names(); }
  absl::StatusOr<std::vector<int64_t>> Shape(const std::string& name) const override {
    return weights_.Shape(name);
  }
  absl::StatusOr<at::Tensor> Read(const std::string& name, const std::vector<int64_t>& shape) override;
  int64_t bytes_read() const override { return weights_.bytes_read(); }

  // What all reads took, sleep included.
  absl::Duration busy() const { return busy_; }

 private:
  WeightSource& weights_;
  const double bytes_per_second_;
  absl::Duration busy_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_BENCH_ENGINE_THROTTLED_WEIGHTS_H_
