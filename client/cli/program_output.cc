#include "client/cli/program_output.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "common/file.h"

namespace probesweep::client {
namespace {

// Starts the program with `pipe_end` as its standard output. 0, or what went wrong.
int Spawn(const std::string& path, const std::vector<std::string>& arguments, int pipe_end, pid_t& pid) {
  std::vector<char*> argv = {const_cast<char*>(path.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, pipe_end, STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  const int failed = ::posix_spawn(&pid, path.c_str(), &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  return failed;
}

std::string ReadToEnd(int descriptor) {
  std::string text;
  char buffer[1 << 14];
  for (;;) {
    const ssize_t count = ::read(descriptor, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer, static_cast<size_t>(count));
  }
}

}  // namespace

absl::StatusOr<ProgramOutput> ReadProgramOutput(const std::string& path,
                                                const std::vector<std::string>& arguments) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return ErrnoStatus(errno, "make a pipe for", path);
  pid_t pid = 0;
  const int failed = Spawn(path, arguments, ends[1], pid);
  ::close(ends[1]);
  ProgramOutput output;
  if (failed == 0) output.text = ReadToEnd(ends[0]);
  ::close(ends[0]);
  if (failed != 0) return ErrnoStatus(failed, "start", path);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) {
    return absl::AbortedError(absl::StrCat(path, " was ended by signal ", WTERMSIG(status)));
  }
  output.exit_code = WEXITSTATUS(status);
  return output;
}

}  // namespace probesweep::client
