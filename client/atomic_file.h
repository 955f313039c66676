// A file written piece by piece that appears entirely or not at all.
#ifndef PROBESWEEP_CLIENT_ATOMIC_FILE_H_
#define PROBESWEEP_CLIENT_ATOMIC_FILE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace probesweep::client {

// Writes to a temporary name beside the target; Commit() fsyncs and renames. Destroyed without Commit(), it
// removes the temporary file. A target that is there and is no regular file (a pipe, /dev/null) is written in
// place; a symbolic link's target is replaced, not the link. Not thread-safe.
class AtomicFile {
 public:
  // Errors: NOT_FOUND (no such folder), PERMISSION_DENIED, INVALID_ARGUMENT (a folder).
  static absl::StatusOr<std::unique_ptr<AtomicFile>> Create(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  // Errors: RESOURCE_EXHAUSTED (disk full), others by errno.
  absl::Status Append(absl::string_view bytes);
  absl::Status Commit();

 private:
  AtomicFile(std::string path, std::string temporary, int fd)
      : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}
  absl::Status Flush();

  const std::string path_;
  std::string temporary_;  // empty: written in place, or committed
  int fd_;
  std::string buffer_;
};

// Writes all of `bytes` to the descriptor; `name` is for the error. Errors: by errno; CANCELLED when the
// reader of a pipe went away.
absl::Status WriteFully(int fd, absl::string_view bytes, const std::string& name);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_ATOMIC_FILE_H_
