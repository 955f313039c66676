#ifndef PROBESWEEP_WORKER_CHECKPOINT_SAFETENSORS_FILE_H_
#define PROBESWEEP_WORKER_CHECKPOINT_SAFETENSORS_FILE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "worker/checkpoint/byte_source.h"
#include "worker/checkpoint/tensor_file.h"

namespace probesweep::worker {

// Reads and checks the header; header and tensors come from the same open file. Errors: NOT_FOUND, DATA_LOSS
// (as ParseSafetensorsHeader).
absl::StatusOr<std::unique_ptr<TensorFile>> OpenSafetensorsFile(const std::string& path);

// The same for what is already open.
absl::StatusOr<std::unique_ptr<TensorFile>> OpenSafetensors(std::unique_ptr<ByteSource> source);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_SAFETENSORS_FILE_H_
