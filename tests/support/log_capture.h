#ifndef PROBESWEEP_TESTS_SUPPORT_LOG_CAPTURE_H_
#define PROBESWEEP_TESTS_SUPPORT_LOG_CAPTURE_H_

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"

namespace probesweep::testing {

// While it lives the process's log comes here, by message alone. Make it before the threads that log.
class LogCapture {
 public:
  LogCapture() : before_(spdlog::default_logger()) {
    auto logger =
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_));
    logger->set_pattern("%v");
    spdlog::set_default_logger(std::move(logger));
  }
  ~LogCapture() { spdlog::set_default_logger(before_); }
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  // Call it when nobody logs any more.
  std::vector<std::string> Lines() const { return absl::StrSplit(text_.str(), '\n', absl::SkipEmpty()); }

 private:
  std::ostringstream text_;
  const std::shared_ptr<spdlog::logger> before_;
};

}  // namespace probesweep::testing

#endif  // PROBESWEEP_TESTS_SUPPORT_LOG_CAPTURE_H_
