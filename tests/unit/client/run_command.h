// Commands of `probesweep` run in the test's own process.
#ifndef PROBESWEEP_TESTS_UNIT_CLIENT_RUN_COMMAND_H_
#define PROBESWEEP_TESTS_UNIT_CLIENT_RUN_COMMAND_H_

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "client/cli/command_line.h"

namespace probesweep::client {

using Connect = std::function<absl::StatusOr<std::unique_ptr<Client>>(const Settings&)>;

// For commands that need no coordinator.
inline absl::StatusOr<std::unique_ptr<Client>> ConnectToNone(const Settings&) {
  return absl::InternalError("no coordinator is asked");
}

// Runs `command`, words between spaces, without an environment or a terminal. `out` and `err` then hold what
// it alone has written.
inline ExitCode RunCommand(const std::string& command, std::ostringstream& out, std::ostringstream& err,
                           Connect connect) {
  out.str("");
  err.str("");
  World world{out, err, {}, {}, [](const std::string&) { return ""; }, std::move(connect)};
  return RunCommandLine(absl::StrSplit(command, ' ', absl::SkipEmpty()), world);
}

}  // namespace probesweep::client

#endif  // PROBESWEEP_TESTS_UNIT_CLIENT_RUN_COMMAND_H_
