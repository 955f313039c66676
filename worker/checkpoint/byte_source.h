#ifndef PROBESWEEP_WORKER_CHECKPOINT_BYTE_SOURCE_H_
#define PROBESWEEP_WORKER_CHECKPOINT_BYTE_SOURCE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace probesweep::worker {

// Bytes that can be read from any place: a file that stays open, or memory. Thread-safe.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // What messages call it: a file's path.
  virtual const std::string& name() const = 0;
  virtual uint64_t size() const = 0;
  // Fills `into` from `begin` on. Errors: DATA_LOSS (bytes beyond the end), UNAVAILABLE and others of a
  // failing disk; each names the source.
  virtual absl::Status Read(uint64_t begin, absl::Span<char> into) const = 0;
};

// A regular file, open for as long as the object lives: one that is replaced meanwhile is not mixed with
// another. Errors: NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT (a folder, a device, a pipe).
absl::StatusOr<std::unique_ptr<ByteSource>> OpenFile(const std::string& path);

// `bytes` must outlive the source.
std::unique_ptr<ByteSource> MemoryBytes(std::string name, absl::string_view bytes);

// The bytes [begin, begin + count). Nothing is allocated when they are not there. Errors: as
// ByteSource::Read.
absl::StatusOr<std::string> ReadRange(const ByteSource& source, uint64_t begin, uint64_t count);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_BYTE_SOURCE_H_
