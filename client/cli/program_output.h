#ifndef PROBESWEEP_CLIENT_CLI_PROGRAM_OUTPUT_H_
#define PROBESWEEP_CLIENT_CLI_PROGRAM_OUTPUT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace probesweep::client {

struct ProgramOutput {
  int exit_code = 0;
  std::string text;  // its standard output
};

// Runs the program at `path` to its end; what it writes to standard error is passed over. Errors: by errno
// when it cannot be started; ABORTED when a signal ended it.
absl::StatusOr<ProgramOutput> ReadProgramOutput(const std::string& path,
                                                const std::vector<std::string>& arguments);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_PROGRAM_OUTPUT_H_
