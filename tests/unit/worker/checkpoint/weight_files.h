// Small safetensors files with known values, and ways to open them.
#ifndef PROBESWEEP_TESTS_UNIT_WORKER_CHECKPOINT_WEIGHT_FILES_H_
#define PROBESWEEP_TESTS_UNIT_WORKER_CHECKPOINT_WEIGHT_FILES_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "common/file.h"
#include "common/safetensors.h"
#include "tests/support/status_matchers.h"
#include "worker/checkpoint/checkpoint_weights.h"
#include "worker/checkpoint/safetensors_file.h"
#include "worker/checkpoint/torch_file.h"

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

// The tensors of one file, .bin or safetensors, by their own names.
inline std::unique_ptr<CheckpointWeights> OpenTensors(const std::string& path) {
  auto file = absl::EndsWith(path, ".bin") ? OpenTorchFile(path) : OpenSafetensorsFile(path);
  EXPECT_TRUE(file.ok()) << file.status();
  std::vector<std::unique_ptr<TensorFile>> files;
  files.push_back(*std::move(file));
  auto store = TensorStore::Create(std::move(files));
  EXPECT_TRUE(store.ok()) << store.status();
  return std::make_unique<CheckpointWeights>(*std::move(store), TensorNaming());
}

}  // namespace probesweep::worker

#endif  // PROBESWEEP_TESTS_UNIT_WORKER_CHECKPOINT_WEIGHT_FILES_H_
