#ifndef PROBESWEEP_WORKER_CHECKPOINT_RANGE_STREAM_H_
#define PROBESWEEP_WORKER_CHECKPOINT_RANGE_STREAM_H_

#include "worker/checkpoint/byte_source.h"
#include "worker/checkpoint/tensor_file.h"

namespace probesweep::worker {

// Elements that lie one after the other in a source, which must outlive the stream.
class RangeStream : public TensorStream {
 public:
  RangeStream(const ByteSource& source, uint64_t begin) : source_(source), at_(begin) {}

  absl::Status Read(absl::Span<char> into) override {
    const uint64_t begin = at_;
    at_ += into.size();
    return source_.Read(begin, into);
  }

 private:
  const ByteSource& source_;
  uint64_t at_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_RANGE_STREAM_H_
