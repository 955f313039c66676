#ifndef PROBESWEEP_WORKER_CHECKPOINT_TORCH_FILE_H_
#define PROBESWEEP_WORKER_CHECKPOINT_TORCH_FILE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "worker/checkpoint/byte_source.h"
#include "worker/checkpoint/tensor_file.h"

namespace probesweep::worker {

// A .bin file as torch.save writes it, in its zip form or the older one. It is read as data: what the pickle
// in it would run is refused. Errors: NOT_FOUND, DATA_LOSS, UNIMPLEMENTED, each naming the file and what is
// wrong.
absl::StatusOr<std::unique_ptr<TensorFile>> OpenTorchFile(const std::string& path);

// The same for what is already open.
absl::StatusOr<std::unique_ptr<TensorFile>> OpenTorch(std::unique_ptr<ByteSource> source);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_TORCH_FILE_H_
