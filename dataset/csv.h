// Comma-separated values, as RFC 4180 writes them and as spreadsheets and pandas do.
#ifndef PROBESWEEP_DATASET_CSV_H_
#define PROBESWEEP_DATASET_CSV_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace probesweep {

struct CsvRecord {
  int64_t line = 0;  // 1-based line of the text on which the record begins
  std::vector<std::string> fields;
};

// All records of `text`, the header included. Fields keep their bytes: spaces, tabs, line breaks and commas
// inside quotes. A byte order mark is dropped and lines of nothing but white space are passed over; LF, CRLF
// and CR end lines. A quote inside an unquoted field stands for itself. Errors: INVALID_ARGUMENT naming the
// line (a quoted field that does not end, text behind a closing quote).
absl::StatusOr<std::vector<CsvRecord>> ParseCsv(absl::string_view text);

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_CSV_H_
