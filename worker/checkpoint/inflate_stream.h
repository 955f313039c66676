#ifndef PROBESWEEP_WORKER_CHECKPOINT_INFLATE_STREAM_H_
#define PROBESWEEP_WORKER_CHECKPOINT_INFLATE_STREAM_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "worker/checkpoint/byte_source.h"
#include "worker/checkpoint/tensor_file.h"
#include "worker/checkpoint/zip_directory.h"

namespace probesweep::worker {

// What a deflated entry holds, from byte `begin` of the inflated bytes on; what is before is inflated and
// dropped. Nothing is kept but a small buffer. `source` must outlive the stream.
absl::StatusOr<std::unique_ptr<TensorStream>> OpenInflateStream(const ByteSource& source,
                                                                const ZipEntry& entry, uint64_t begin);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_INFLATE_STREAM_H_
