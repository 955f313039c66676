#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "absl/strings/str_cat.h"
#include "server/store/sqlite_database.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::server {
namespace {

// A process that holds the lock until it is killed.
class Holder {
 public:
  explicit Holder(const std::string& path) {
    int ready[2];
    if (::pipe(ready) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) {
      const auto lock = FileLock::Acquire(path);
      const char held = lock.ok() ? 'y' : 'n';
      if (::write(ready[1], &held, 1) != 1) ::_exit(1);
      while (true) ::pause();
    }
    char held = 'n';
    holds_ = ::read(ready[0], &held, 1) == 1 && held == 'y';
    ::close(ready[0]);
    ::close(ready[1]);
  }
  ~Holder() { Kill(); }
  void Kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  bool holds() const { return holds_; }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
  bool holds_ = false;
};

TEST(FileLock, ASecondProcessIsToldWhoHoldsIt) {
  testing::TempDir folder;
  Holder holder(folder.File("lock"));
  ASSERT_TRUE(holder.holds());
  EXPECT_STATUS(FileLock::Acquire(folder.File("lock")), kFailedPrecondition, folder.File("lock"),
                absl::StrCat("process ", holder.pid()), "--store");
}

TEST(FileLock, AKilledProcessHoldsItNoMore) {
  testing::TempDir folder;
  Holder holder(folder.File("lock"));
  ASSERT_TRUE(holder.holds());
  holder.Kill();
  EXPECT_OK(FileLock::Acquire(folder.File("lock")));
}

TEST(FileLock, IsGivenBackAtTheEnd) {
  testing::TempDir folder;
  {
    ASSERT_OK_AND_ASSIGN(const auto lock, FileLock::Acquire(folder.File("lock")));
    EXPECT_STATUS(FileLock::Acquire(folder.File("lock")), kFailedPrecondition, "locked");
  }
  EXPECT_OK(FileLock::Acquire(folder.File("lock")));
}

}  // namespace
}  // namespace probesweep::server
