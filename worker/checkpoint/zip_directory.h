#ifndef PROBESWEEP_WORKER_CHECKPOINT_ZIP_DIRECTORY_H_
#define PROBESWEEP_WORKER_CHECKPOINT_ZIP_DIRECTORY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/checkpoint/byte_source.h"

namespace probesweep::worker {

// An entry of a zip archive. Its bytes lie at [data_begin, data_begin + stored_size) of the archive.
struct ZipEntry {
  std::string name;
  bool deflated = false;  // otherwise the bytes are as they were
  uint32_t crc32 = 0;
  uint64_t data_begin = 0;
  uint64_t stored_size = 0;
  uint64_t size = 0;  // what the directory says that inflating gives
};

// True when a file that starts like this is a zip archive.
bool LooksLikeZip(absl::string_view first_bytes);

// The entries of a zip archive, zip64 included, in the order of the file. Central and local headers agree, no
// two entries overlap, each lies within the file, no name occurs twice. Errors: DATA_LOSS naming the file and
// what is wrong; UNIMPLEMENTED (encryption, several disks, another compression than deflate).
absl::StatusOr<std::vector<ZipEntry>> ReadZipDirectory(const ByteSource& source);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_ZIP_DIRECTORY_H_
