// A program started by this one and stopped with it.
#ifndef PROBESWEEP_CLIENT_CLI_CHILD_PROCESS_H_
#define PROBESWEEP_CLIENT_CLI_CHILD_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace probesweep::client {

// Not thread-safe. Destroyed while it runs, the child is killed.
class ChildProcess {
 public:
  // Starts the program at `path` in a process group of its own, so that a terminal's Ctrl-C reaches it only
  // through us. What it writes to its standard output goes to our standard error. It gets SIGTERM when we
  // die. Errors: NOT_FOUND, PERMISSION_DENIED (the program), by errno.
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(const std::string& path,
                                                             const std::vector<std::string>& arguments);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  const std::string& name() const { return name_; }
  // How it ended, e.g. "exit code 3", "signal 9"; absent while it runs.
  std::optional<std::string> Ended();
  void Signal(int signal_number);

 private:
  ChildProcess(std::string name, pid_t pid) : name_(std::move(name)), pid_(pid) {}

  const std::string name_;
  const pid_t pid_;
  std::optional<std::string> ended_;
};

// The program's path: beside the running one, else found through PATH. Errors: NOT_FOUND saying where it was
// looked for.
absl::StatusOr<std::string> FindProgram(const std::string& name, const std::string& search_path);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_CHILD_PROCESS_H_
