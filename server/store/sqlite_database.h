#ifndef PROBESWEEP_SERVER_STORE_SQLITE_DATABASE_H_
#define PROBESWEEP_SERVER_STORE_SQLITE_DATABASE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/store/database.h"

namespace probesweep::server {

// Opens or creates the file at `path` with a write-ahead log and full synchronisation: a commit is on the
// disk when it returns. Errors: FAILED_PRECONDITION / PERMISSION_DENIED (cannot be opened or written),
// DATA_LOSS (not a database).
absl::StatusOr<std::unique_ptr<Database>> OpenSqlite(const std::string& path);

// Held by the coordinator that owns a store file; released by the kernel when its process dies.
class FileLock {
 public:
  // Locks `path` (made when absent). Errors: FAILED_PRECONDITION naming the holder's process.
  static absl::StatusOr<std::unique_ptr<FileLock>> Acquire(const std::string& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  const int fd_;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_SQLITE_DATABASE_H_
