#include "common/logging.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <vector>

#include "absl/strings/str_cat.h"

namespace probesweep {

absl::Status InitLogging(const LoggingOptions& options) {
  static const std::vector<std::string> levels = {"trace", "debug", "info", "warn", "error"};
  bool known = false;
  for (const std::string& level : levels) known = known || level == options.level;
  if (!known) {
    return absl::InvalidArgumentError(absl::StrCat("log level '", options.level,
                                                   "' is none of trace, debug, info, warn, error"));
  }
  auto logger = std::make_shared<spdlog::logger>(options.program, std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %-5l %n: %v", spdlog::pattern_time_type::utc);
  logger->set_level(spdlog::level::from_str(options.level));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
  return absl::OkStatus();
}

}  // namespace probesweep
