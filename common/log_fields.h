#ifndef PROBESWEEP_COMMON_LOG_FIELDS_H_
#define PROBESWEEP_COMMON_LOG_FIELDS_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace probesweep {

// One thing that a log line is about. Names are those of docs/operations.md: sweep, task, lease, worker,
// epoch, checkpoint.
struct LogField {
  LogField(absl::string_view field, absl::string_view text) : name(field), value(text) {}
  LogField(absl::string_view field, const std::string& text) : name(field), value(text) {}
  LogField(absl::string_view field, const char* text) : name(field), value(text) {}
  template <typename Integer, typename = std::enable_if_t<std::is_integral_v<Integer>>>
  LogField(absl::string_view field, Integer number) : name(field), value(absl::StrCat(number)) {}

  absl::string_view name;
  std::string value;
};

// The end of a log line, in the one form that all lines have: " | sweep=sw-1 worker="my node" epoch=7".
// Values with blanks, quotes, '=' or '|' stand in double quotes, what a terminal would obey is escaped, and
// empty values are left out; nothing when all are empty.
//
//   spdlog::warn("lease lost: {}{}", why, LogFields({{"lease", lease_id}, {"worker", worker_id}}));
std::string LogFields(std::initializer_list<LogField> fields);

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_LOG_FIELDS_H_
