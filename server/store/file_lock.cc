#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "server/store/sqlite_database.h"

namespace probesweep::server {

absl::StatusOr<std::unique_ptr<FileLock>> FileLock::Acquire(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return ErrnoStatus(errno, "create", path);
  auto lock = std::unique_ptr<FileLock>(new FileLock(fd));
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return ErrnoStatus(errno, "lock", path);
    const std::string holder(absl::StripAsciiWhitespace(ReadFile(path, 64).value_or("")));
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is locked by another coordinator", holder.empty() ? "" : ", process ", holder,
                     "; stop that one, or give this one a store of its own with --store"));
  }
  const std::string self = absl::StrCat(::getpid(), "\n");
  if (::ftruncate(fd, 0) != 0 || ::write(fd, self.data(), self.size()) < 0)
    return ErrnoStatus(errno, "write", path);
  return lock;
}

FileLock::~FileLock() { ::close(fd_); }

}  // namespace probesweep::server
