#ifndef PROBESWEEP_CLIENT_COMPARE_RESULT_FILE_H_
#define PROBESWEEP_CLIENT_COMPARE_RESULT_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/compare/result_set.h"

namespace probesweep::client {

// An export read back: CSV by its line of titles, whatever the order of the columns, or JSON lines. Columns
// that are none of ours are taken for values where they hold numbers: the export of a newer release.
//
// Errors: as ReadFile; INVALID_ARGUMENT naming file and line (no export, a number that is none, a row
// twice).
absl::StatusOr<ResultSet> ReadResultFile(const std::string& path);

// Whether what a user named is meant as a file rather than a sweep: it ends in .csv, .jsonl or .parquet, or
// has a slash.
bool NamesResultFile(absl::string_view name);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_COMPARE_RESULT_FILE_H_
