// A file of a checkpoint: tensors by name, as they are stored. Torch-free.
#ifndef PROBESWEEP_WORKER_CHECKPOINT_TENSOR_FILE_H_
#define PROBESWEEP_WORKER_CHECKPOINT_TENSOR_FILE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/safetensors.h"

namespace probesweep::worker {

struct TensorInfo {
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
};

// A tensor's elements as bytes, row-major and little-endian, from first to last. Not thread-safe.
class TensorStream {
 public:
  virtual ~TensorStream() = default;
  // The next bytes. Errors: as ByteSource::Read; DATA_LOSS for compressed bytes that are damaged.
  virtual absl::Status Read(absl::Span<char> into) = 0;
};

// Consecutive elements of a tensor, in row-major order.
struct ElementRange {
  uint64_t first = 0;
  uint64_t count = 0;
};

// Immutable; thread-safe.
class TensorFile {
 public:
  virtual ~TensorFile() = default;
  virtual const std::string& path() const = 0;
  virtual std::vector<std::string> Names() const = 0;
  virtual std::optional<TensorInfo> Find(const std::string& name) const = 0;
  // Elements of a tensor that is there and has them; the file must outlive the stream. Errors: DATA_LOSS
  // naming file and tensor.
  virtual absl::StatusOr<std::unique_ptr<TensorStream>> Open(const std::string& name,
                                                             ElementRange elements) const = 0;
};

// Elements of a shape; nothing on overflow or a negative size.
std::optional<uint64_t> ElementCount(absl::Span<const int64_t> shape);

// "[2, 3]"
std::string ShapeText(absl::Span<const int64_t> shape);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_TENSOR_FILE_H_
