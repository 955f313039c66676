#include "client/cli/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/file.h"

namespace probesweep::client {
namespace {

// In the child, between fork and exec: async-signal-safe calls only. Reports errno through `pipe_end`.
[[noreturn]] void BecomeProgram(const char* path, char* const* arguments, pid_t parent, int pipe_end) {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  // The parent may have died before the line above.
  if (::getppid() != parent) ::_exit(1);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  ::execv(path, arguments);
  const int failed = errno;
  // Nobody is left to tell when even this fails.
  static_cast<void>(!::write(pipe_end, &failed, sizeof failed));
  ::_exit(127);
}

bool IsProgram(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(const std::string& path,
                                                                  const std::vector<std::string>& arguments) {
  std::vector<char*> argv = {const_cast<char*>(path.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return ErrnoStatus(errno, "make a pipe for", path);
  const pid_t self = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) BecomeProgram(path.c_str(), argv.data(), self, ends[1]);
  const int fork_error = errno;
  ::close(ends[1]);
  int exec_error = 0;
  // End of file: the program runs.
  if (pid > 0 && ::read(ends[0], &exec_error, sizeof exec_error) <= 0) exec_error = 0;
  ::close(ends[0]);
  if (pid < 0) return ErrnoStatus(fork_error, "fork for", path);
  if (exec_error != 0) {
    ::waitpid(pid, nullptr, 0);
    return ErrnoStatus(exec_error, "start", path);
  }
  return std::unique_ptr<ChildProcess>(
      new ChildProcess(std::filesystem::path(path).filename().string(), pid));
}

ChildProcess::~ChildProcess() {
  if (Ended()) return;
  Signal(SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::optional<std::string> ChildProcess::Ended() {
  int status = 0;
  if (ended_ || ::waitpid(pid_, &status, WNOHANG) != pid_) return ended_;
  ended_ = WIFSIGNALED(status)
               ? absl::StrCat("signal ", WTERMSIG(status), " (", ::strsignal(WTERMSIG(status)), ")")
               : absl::StrCat("exit code ", WEXITSTATUS(status));
  return ended_;
}

void ChildProcess::Signal(int signal_number) {
  if (!ended_) ::kill(pid_, signal_number);
}

absl::StatusOr<std::string> FindProgram(const std::string& name, const std::string& search_path) {
  std::error_code failed;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", failed);
  const std::string beside = failed ? name : (self.parent_path() / name).string();
  if (IsProgram(beside)) return beside;
  for (absl::string_view folder : absl::StrSplit(search_path, ':', absl::SkipEmpty())) {
    std::string path = absl::StrCat(folder, "/", name);
    if (IsProgram(path)) return path;
  }
  return absl::NotFoundError(
      absl::StrCat("cannot find ", name, ", neither as ", beside, " nor through PATH; build or install it"));
}

}  // namespace probesweep::client
