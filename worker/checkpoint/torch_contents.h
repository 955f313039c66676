// What a .bin file holds: tensors, and where in the file their storages are.
#ifndef PROBESWEEP_WORKER_CHECKPOINT_TORCH_CONTENTS_H_
#define PROBESWEEP_WORKER_CHECKPOINT_TORCH_CONTENTS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/checkpoint/byte_source.h"
#include "worker/checkpoint/torch_state_dict.h"
#include "worker/checkpoint/zip_directory.h"

namespace probesweep::worker {

struct TorchContents {
  TorchStateDict state;
  std::vector<ZipEntry> places;  // of state.storages, one for one; each holds all of its storage
};

// The largest pickle that is read: beside the tensors of a checkpoint it is small.
inline constexpr uint64_t kMaxPickleBytes = 256 << 20;

// Bytes of memory that the values of a file's pickle may take: small files have some to begin with.
inline uint64_t PickleMemory(const ByteSource& source) { return (8 << 20) + 2 * source.size(); }

// The form that torch.save writes since 1.6: a zip archive with one folder, in it data.pkl and a storage in
// each data/<key>. Errors: DATA_LOSS and UNIMPLEMENTED, of the readers below it; UNIMPLEMENTED for a
// TorchScript archive and for one of a big-endian machine.
absl::StatusOr<TorchContents> ReadTorchZip(const ByteSource& source);

// The form before it: pickles of a magic number, a version, the machine's kind, the object and the storages'
// keys, then the storages. Errors: the same.
absl::StatusOr<TorchContents> ReadTorchLegacy(const ByteSource& source);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_TORCH_CONTENTS_H_
