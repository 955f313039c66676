// Writes checkpoints as they are before training, piece by piece: memory does not grow with the model.
#ifndef PROBESWEEP_BENCH_ENGINE_RANDOM_WEIGHTS_H_
#define PROBESWEEP_BENCH_ENGINE_RANDOM_WEIGHTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/engine/checkpoint_shape.h"
#include "common/safetensors.h"

namespace probesweep::worker {

// Values of one type and their distribution: normal, with standard deviation 0.02. Immutable.
class RandomWeights {
 public:
  // `dtype`: kF16, kBF16 or kF32.
  RandomWeights(DType dtype, uint64_t seed);

  DType dtype() const { return dtype_; }
  // Writes one safetensors file. A tensor's values depend on seed and name alone, whatever file it is in.
  // Errors: those of the file system.
  absl::Status WriteFile(const std::string& path, const std::vector<ShapedTensor>& tensors) const;

 private:
  std::string Constant(float value) const;
  // The next values of a tensor, as many as the buffer holds.
  void Fill(uint64_t& state, std::string& buffer) const;

  const DType dtype_;
  const uint64_t seed_;
  std::string quantiles_;  // of the distribution, 2^16 of them, as stored
};

// Tensors in their order, parted so that no file has more than `bytes` of them unless one tensor alone does.
std::vector<std::vector<ShapedTensor>> PartIntoFiles(const std::vector<ShapedTensor>& tensors, DType dtype,
                                                     int64_t bytes);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_BENCH_ENGINE_RANDOM_WEIGHTS_H_
