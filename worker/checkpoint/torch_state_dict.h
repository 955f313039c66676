#ifndef PROBESWEEP_WORKER_CHECKPOINT_TORCH_STATE_DICT_H_
#define PROBESWEEP_WORKER_CHECKPOINT_TORCH_STATE_DICT_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/safetensors.h"
#include "worker/checkpoint/pickle.h"

namespace probesweep::worker {

// A run of bytes that tensors are made of, stored outside the pickle under a key.
struct TorchStorage {
  std::string key;
  DType dtype = DType::kU8;
  uint64_t elements = 0;
  uint64_t bytes() const { return elements * static_cast<uint64_t>(ElementSize(dtype)); }
};

// A view of a storage. Offset and strides count elements; every element lies within the storage.
struct TorchTensor {
  DType dtype = DType::kF32;
  uint32_t storage = 0;  // its place in TorchStateDict::storages
  uint64_t offset = 0;
  std::vector<int64_t> shape, strides;

  // The elements follow one another, row-major.
  bool contiguous() const;
  // Elements from the first to the last, both included, in the storage.
  uint64_t Span() const;
};

struct TorchStateDict {
  std::vector<TorchStorage> storages;
  std::map<std::string, TorchTensor> tensors;
};

// The tensors of a pickled state dict: a dict of tensors and parameters by name. Errors: UNIMPLEMENTED
// (another object, such as a training state), DATA_LOSS (a tensor that its storage cannot hold), naming file
// and tensor.
absl::StatusOr<TorchStateDict> ReadStateDict(const Pickle& pickle, absl::string_view file);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_TORCH_STATE_DICT_H_
