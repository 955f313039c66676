#ifndef PROBESWEEP_WORKER_CHECKPOINT_STRIDED_STREAM_H_
#define PROBESWEEP_WORKER_CHECKPOINT_STRIDED_STREAM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "worker/checkpoint/tensor_file.h"

namespace probesweep::worker {

// Elements that do not follow one another, such as those of a transposed matrix: picked out of the stretch of
// storage that they lie in.
class StridedStream : public TensorStream {
 public:
  // `stretch` begins with the tensor's first element and reaches to its last. `first`: the element to begin
  // with, in row-major order; `element_size` is in bytes, strides in elements.
  StridedStream(std::string stretch, std::vector<int64_t> shape, std::vector<int64_t> strides,
                int element_size, uint64_t first);

  // `into` takes whole elements.
  absl::Status Read(absl::Span<char> into) override;

 private:
  const std::string stretch_;
  const std::vector<int64_t> shape_;
  std::vector<uint64_t> byte_strides_;
  const size_t element_size_;
  std::vector<int64_t> index_;  // of the next element
  uint64_t at_ = 0;             // where it is in the stretch
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_STRIDED_STREAM_H_
