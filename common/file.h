// Small files read whole, files written so that they are there entirely or not at all.
#ifndef PROBESWEEP_COMMON_FILE_H_
#define PROBESWEEP_COMMON_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace probesweep {

// Errors: NOT_FOUND (with the path), PERMISSION_DENIED, OUT_OF_RANGE when larger than `max_bytes`.
absl::StatusOr<std::string> ReadFile(const std::string& path, uint64_t max_bytes = UINT64_MAX);

// Writes to a temporary name in the same folder, fsyncs file and folder, renames over `path`. An error leaves
// no partial file. Errors: RESOURCE_EXHAUSTED (disk full), PERMISSION_DENIED, NOT_FOUND (no such folder).
absl::Status WriteFileAtomically(const std::string& path, absl::string_view bytes);

// mkdir -p. Errors name the folder that could not be made.
absl::Status MakeFolders(const std::string& path);

// The status for errno after a failed system call on `path`: "cannot <doing> <path>: <strerror>".
absl::Status ErrnoStatus(int error_number, absl::string_view doing, absl::string_view path);

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_FILE_H_
