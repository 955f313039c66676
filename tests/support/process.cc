#include "tests/support/process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"

namespace probesweep::testing {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(2);

int MemoryFile(absl::string_view bytes) {
  const int fd = ::memfd_create("probesweep-test", MFD_CLOEXEC);
  EXPECT_GE(fd, 0);
  EXPECT_EQ(::write(fd, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  ::lseek(fd, 0, SEEK_SET);
  return fd;
}

// The offset is the child's, so it is left alone.
std::string Contents(int fd) {
  std::string text;
  char buffer[16384];
  for (ssize_t got = 0; (got = ::pread(fd, buffer, sizeof buffer, static_cast<off_t>(text.size()))) > 0;) {
    text.append(buffer, static_cast<size_t>(got));
  }
  return text;
}

// Settings of whoever runs the tests must not change what is tested.
std::vector<std::string> Variables(const std::map<std::string, std::string>& own) {
  std::vector<std::string> variables;
  for (char** variable = ::environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    if (!absl::StartsWith(text, "PROBESWEEP_") && own.count(text.substr(0, text.find('='))) == 0) {
      variables.push_back(text);
    }
  }
  for (const auto& [name, value] : own) variables.push_back(absl::StrCat(name, "=", value));
  return variables;
}

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Process::Process(const std::vector<std::string>& argv, const ProcessOptions& options)
    : input_(MemoryFile(options.input)), out_(MemoryFile("")), err_(MemoryFile("")) {
  const std::vector<std::string> variables = Variables(options.environment);
  const std::vector<char*> arguments = Pointers(argv), environment = Pointers(variables);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  EXPECT_GE(pid_, 0);
  if (pid_ != 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // the parent died before the line above
  ::dup2(input_, STDIN_FILENO);
  ::dup2(out_, STDOUT_FILENO);
  ::dup2(err_, STDERR_FILENO);
  ::execve(arguments[0], arguments.data(), environment.data());
  ::_exit(127);
}

Process::~Process() {
  Kill();
  for (const int fd : {input_, out_, err_}) ::close(fd);
}

void Process::Signal(int signal_number) {
  if (!Ended().has_value()) ::kill(pid_, signal_number);
}

void Process::Kill() {
  Signal(SIGKILL);
  Wait(absl::InfiniteDuration());
}

std::optional<int> Process::Ended() {
  int status = 0;
  if (ended_.has_value() || ::waitpid(pid_, &status, WNOHANG) != pid_) return ended_;
  ended_ = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  return ended_;
}

std::optional<int> Process::Wait(absl::Duration patience) {
  Eventually([this] { return Ended().has_value(); }, patience);
  return ended_;
}

std::string Process::out() const { return Contents(out_); }
std::string Process::err() const { return Contents(err_); }

Finished RunProgram(const std::vector<std::string>& argv, const ProcessOptions& options,
                    absl::Duration patience) {
  Process process(argv, options);
  Finished finished;
  finished.exit_code = process.Wait(patience).value_or(finished.exit_code);
  finished.out = process.out();
  finished.err = process.err();
  return finished;
}

bool Eventually(const std::function<bool()>& condition, absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(kPoll);
  }
  return true;
}

}  // namespace probesweep::testing
