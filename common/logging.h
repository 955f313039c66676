// Process-wide logging: one line an event, to standard error, through spdlog.
#ifndef PROBESWEEP_COMMON_LOGGING_H_
#define PROBESWEEP_COMMON_LOGGING_H_

#include <spdlog/spdlog.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace probesweep {

struct LoggingOptions {
  std::string level = "info";   // trace, debug, info, warn, error
  std::string program;          // shown in every line
};

// Call once from main. Errors: INVALID_ARGUMENT for an unknown level.
absl::Status InitLogging(const LoggingOptions& options);

}  // namespace probesweep

// Lets absl::string_view (a type of its own in Debian's build) stand in spdlog's format arguments.
template <>
struct fmt::formatter<absl::string_view> : fmt::formatter<fmt::string_view> {
  template <typename Context>
  auto format(absl::string_view text, Context& context) const {
    return fmt::formatter<fmt::string_view>::format(fmt::string_view(text.data(), text.size()), context);
  }
};

#endif  // PROBESWEEP_COMMON_LOGGING_H_
