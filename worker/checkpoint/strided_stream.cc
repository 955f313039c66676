#include "worker/checkpoint/strided_stream.h"

#include <cstring>
#include <utility>

namespace probesweep::worker {

StridedStream::StridedStream(std::string stretch, std::vector<int64_t> shape, std::vector<int64_t> strides,
                             int element_size, uint64_t first)
    : stretch_(std::move(stretch)),
      shape_(std::move(shape)),
      byte_strides_(shape_.size()),
      element_size_(static_cast<size_t>(element_size)),
      index_(shape_.size()) {
  for (size_t i = shape_.size(); i-- > 0;) {
    const auto extent = static_cast<uint64_t>(shape_[i]);
    byte_strides_[i] = static_cast<uint64_t>(strides[i]) * element_size_;
    index_[i] = static_cast<int64_t>(first % extent);
    at_ += static_cast<uint64_t>(index_[i]) * byte_strides_[i];
    first /= extent;
  }
}

absl::Status StridedStream::Read(absl::Span<char> into) {
  for (; !into.empty(); into.remove_prefix(element_size_)) {
    std::memcpy(into.data(), stretch_.data() + at_, element_size_);
    for (size_t i = shape_.size(); i-- > 0;) {
      at_ += byte_strides_[i];
      if (++index_[i] < shape_[i]) break;
      at_ -= byte_strides_[i] * static_cast<uint64_t>(shape_[i]);
      index_[i] = 0;
    }
  }
  return absl::OkStatus();
}

}  // namespace probesweep::worker
