#ifndef PROBESWEEP_CLIENT_COMPARE_TENSOR_COMPARISON_H_
#define PROBESWEEP_CLIENT_COMPARE_TENSOR_COMPARISON_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace probesweep::client {

struct TensorDifference {
  std::string tensor;
  // What each side has: the value that differs most, or, where one side lacks the tensor or has it in another
  // type or shape, "F32 [32]" and "(none)".
  std::string a, b;
  int64_t differing = 0;  // values that differ, of how many; 0 of 0 when none could be compared
  int64_t values = 0;
  double excess = std::numeric_limits<double>::infinity();  // as Difference::excess
};

// Compares two safetensors files, fp32 values by the tolerance (client/compare/comparison.h), of other types
// byte for byte. Metadata are not compared. Holds a piece of each file in memory. The tensors that differ, by
// name. Errors: as ReadSafetensorsHeader; DATA_LOSS when a file cannot be read.
absl::StatusOr<std::vector<TensorDifference>> CompareTensors(const std::string& path_a,
                                                             const std::string& path_b, double tolerance);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_COMPARE_TENSOR_COMPARISON_H_
