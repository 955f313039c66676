#ifndef PROBESWEEP_SERVER_AUTH_ACCESS_PAGE_H_
#define PROBESWEEP_SERVER_AUTH_ACCESS_PAGE_H_

#include <string>

#include "absl/status/statusor.h"

namespace probesweep::server {

// The access table as a Markdown table.
std::string AccessMatrix();

// `page` with the text between its two marks replaced by AccessMatrix(). Errors: INVALID_ARGUMENT when the
// marks are not there.
absl::StatusOr<std::string> WithAccessMatrix(const std::string& page);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_AUTH_ACCESS_PAGE_H_
