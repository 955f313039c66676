// Process-wide logging: one line an event, to standard error, through spdlog.
#ifndef PROBESWEEP_COMMON_LOGGING_H_
#define PROBESWEEP_COMMON_LOGGING_H_

#include <string>

#include "absl/status/status.h"

namespace probesweep {

struct LoggingOptions {
  std::string level = "info";   // trace, debug, info, warn, error
  std::string program;          // shown in every line
};

// Call once from main. Errors: INVALID_ARGUMENT for an unknown level.
absl::Status InitLogging(const LoggingOptions& options);

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_LOGGING_H_
