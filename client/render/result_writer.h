// Result rows as CSV or JSON lines: the columns of docs/formats.md, the same bytes for the same results.
#ifndef PROBESWEEP_CLIENT_RENDER_RESULT_WRITER_H_
#define PROBESWEEP_CLIENT_RENDER_RESULT_WRITER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "probesweep/v1/resources.pb.h"

namespace probesweep::client {

enum class ResultFormat { kCsv, kJsonl };

// "csv", "jsonl".
const std::vector<std::string>& ResultFormatNames();
// Errors: INVALID_ARGUMENT, with the nearest name.
absl::StatusOr<ResultFormat> ParseResultFormat(const std::string& name);

// sweep, model, checkpoint, step, tokens, dimension, dataset, layer, protocol, then ResultColumns(), then
// checkpoint_digest.
std::vector<std::string> ExportColumns();

// What comes before the rows: CSV's line of titles; "" for JSON lines.
std::string ResultHeader(ResultFormat format);

// One row and its line end. CSV: RFC 4180 quoting, lines end with "\n", an absent value is an empty cell.
// JSON lines: an absent value is no member. Numbers are the shortest that read back exactly.
std::string ResultLine(ResultFormat format, const v1::ResultRow& row);

// Quoted only when it must be (comma, quote, CR, LF).
std::string CsvCell(absl::string_view text);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_RENDER_RESULT_WRITER_H_
