// The program `probesweep` but for main(): command line in, exit code out.
#ifndef PROBESWEEP_CLIENT_CLI_COMMAND_LINE_H_
#define PROBESWEEP_CLIENT_CLI_COMMAND_LINE_H_

#include <string>
#include <vector>

#include "client/cli/session.h"
#include "common/status.h"

namespace probesweep::client {

// Runs the command that `arguments` (without the program's name) spell out.
ExitCode RunCommandLine(const std::vector<std::string>& arguments, World& world);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_COMMAND_LINE_H_
