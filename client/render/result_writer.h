// Result rows as CSV, JSON lines or Parquet: the columns of docs/results.md, the same bytes for the same
// results.
#ifndef PROBESWEEP_CLIENT_RENDER_RESULT_WRITER_H_
#define PROBESWEEP_CLIENT_RENDER_RESULT_WRITER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/render/export_columns.h"
#include "probesweep/v1/resources.pb.h"

namespace probesweep::client {

enum class ResultFormat { kCsv, kJsonl, kParquet };

// "csv", "jsonl", "parquet".
const std::vector<std::string>& ResultFormatNames();
// Errors: INVALID_ARGUMENT, with the nearest name.
absl::StatusOr<ResultFormat> ParseResultFormat(const std::string& name);

// What comes before the rows: CSV's line of titles; "" for JSON lines.
std::string ResultHeader(ResultFormat format);

// One row and its line end, as CSV or JSON lines. CSV: RFC 4180 quoting, lines end with "\n", an absent value
// is an empty cell. JSON lines: an absent value is no member. Numbers are the shortest that read back
// exactly.
std::string ResultLine(ResultFormat format, const v1::ResultRow& row);

// Quoted only when it must be (comma, quote, CR, LF).
std::string CsvCell(absl::string_view text);

// Takes bytes on. An error ends the writing and is what the writer returns.
using ByteSink = std::function<absl::Status(absl::string_view)>;

// Writes one export. Not thread-safe.
class ResultWriter {
 public:
  virtual ~ResultWriter() = default;
  virtual absl::Status Append(const v1::ResultRow& row) = 0;
  // After the last row; without it the output is not whole.
  virtual absl::Status Finish() = 0;
};

std::unique_ptr<ResultWriter> NewResultWriter(ResultFormat format, ByteSink sink);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_RENDER_RESULT_WRITER_H_
