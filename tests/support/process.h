// Real programs, started by a test and never left behind.
#ifndef PROBESWEEP_TESTS_SUPPORT_PROCESS_H_
#define PROBESWEEP_TESTS_SUPPORT_PROCESS_H_

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace probesweep::testing {

struct ProcessOptions {
  std::map<std::string, std::string> environment;  // over the test's own, less its PROBESWEEP_* variables
  std::string input;                               // all of standard input
};

// One child process; killed when the object dies, and when the test does. What it writes is kept in memory
// files, so that it never waits for a reader. For the thread that made it.
class Process {
 public:
  // argv[0] is the program's path. A program that cannot be started ends with exit code 127.
  explicit Process(const std::vector<std::string>& argv, const ProcessOptions& options = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void Signal(int signal_number);
  // kill -9, and waits until it is gone.
  void Kill();
  // The exit code, or -N when signal N ended it; nothing when it runs on.
  std::optional<int> Ended();
  std::optional<int> Wait(absl::Duration patience);

  pid_t pid() const { return pid_; }

  // What it wrote so far.
  std::string out() const;
  std::string err() const;

 private:
  int input_;
  int out_;
  int err_;
  pid_t pid_;
  std::optional<int> ended_;
};

struct Finished {
  int exit_code = -1000;  // as Process::Ended; -1000: killed because it ran too long
  std::string out;
  std::string err;
};

// Runs a program to its end.
Finished RunProgram(const std::vector<std::string>& argv, const ProcessOptions& options = {},
                    absl::Duration patience = absl::Seconds(120));

// Looks every few milliseconds until `condition` holds; false when it does not within `patience`.
bool Eventually(const std::function<bool()>& condition, absl::Duration patience = absl::Seconds(60));

}  // namespace probesweep::testing

#endif  // PROBESWEEP_TESTS_SUPPORT_PROCESS_H_
