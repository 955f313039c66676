#ifndef PROBESWEEP_SERVER_DOMAIN_TEXT_H_
#define PROBESWEEP_SERVER_DOMAIN_TEXT_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace probesweep::server {

// Whether a text from outside can be kept, and shown in tables, exports and logs: well-formed UTF-8 on one
// line, without control characters, of `longest` bytes at most. Errors: INVALID_ARGUMENT naming the field.
absl::Status CheckText(absl::string_view text, size_t longest, absl::string_view field);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_DOMAIN_TEXT_H_
