// The tensors of a checkpoint, read one at a time.
#ifndef PROBESWEEP_WORKER_CHECKPOINT_WEIGHT_SOURCE_H_
#define PROBESWEEP_WORKER_CHECKPOINT_WEIGHT_SOURCE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace at {
class Tensor;
}

namespace probesweep::worker {

// Not thread-safe.
class WeightSource {
 public:
  virtual ~WeightSource() = default;
  virtual bool Has(const std::string& name) const = 0;
  // All tensors' names, sorted.
  virtual std::vector<std::string> Names() const = 0;
  // Errors: DATA_LOSS (no such tensor), naming it.
  virtual absl::StatusOr<std::vector<int64_t>> Shape(const std::string& name) const = 0;
  // The tensor as fp32 on the CPU. Errors: DATA_LOSS (missing, another shape than `shape`, not a
  // floating-point type, cut short), naming file and tensor.
  virtual absl::StatusOr<at::Tensor> Read(const std::string& name, const std::vector<int64_t>& shape) = 0;
  // Bytes read so far.
  virtual int64_t bytes_read() const = 0;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_WEIGHT_SOURCE_H_
