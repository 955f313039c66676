#ifndef PROBESWEEP_SERVER_OPTIONS_H_
#define PROBESWEEP_SERVER_OPTIONS_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/server.h"

namespace probesweep::server {

struct ProgramOptions {
  ServerOptions server;
  std::string log_level = "info";
  // Set when the program has nothing to do but to print this: --help, --version.
  std::optional<std::string> print;
};

// Null when the variable is not set.
using Environment = std::function<const char*(const char* name)>;

// Reads flags, then the environment (PROBESWEEP_LISTEN for --listen, …), then the file that --config names
// (TOML: listen = "127.0.0.1:7077"), then defaults; the first that gives a value wins. Errors:
// INVALID_ARGUMENT naming the flag, variable or line, with the nearest valid name.
absl::StatusOr<ProgramOptions> ParseProgramOptions(const std::vector<std::string>& arguments,
                                                   const Environment& environment);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_OPTIONS_H_
