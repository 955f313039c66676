// Small safetensors files with known values.
#ifndef PROBESWEEP_TESTS_UNIT_WORKER_CHECKPOINT_WEIGHT_FILES_H_
#define PROBESWEEP_TESTS_UNIT_WORKER_CHECKPOINT_WEIGHT_FILES_H_

#include <string>
#include <vector>

#include "common/file.h"
#include "common/safetensors.h"
#include "tests/support/status_matchers.h"

namespace probesweep::worker {

template <typename T>
std::string Bytes(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

inline void WriteTensors(const std::string& path, const std::vector<TensorToWrite>& tensors) {
  const auto bytes = SerializeSafetensors(tensors, {});
  ASSERT_OK(bytes);
  ASSERT_OK(WriteFileAtomically(path, *bytes));
}

// A file with one fp32 tensor of two entries.
inline void WriteTensor(const std::string& path, const std::string& name, float first, float second) {
  const std::string bytes = Bytes<float>({first, second});
  WriteTensors(path, {{name, DType::kF32, {2}, bytes}});
}

}  // namespace probesweep::worker

#endif  // PROBESWEEP_TESTS_UNIT_WORKER_CHECKPOINT_WEIGHT_FILES_H_
