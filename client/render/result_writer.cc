#include "client/render/result_writer.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/render/parquet_writer.h"
#include "common/edit_distance.h"
#include "common/number_format.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

// "" for nothing.
std::string Text(const ExportValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* integer = std::get_if<int64_t>(&value)) return absl::StrCat(*integer);
  if (const auto* number = std::get_if<double>(&value)) return FormatDouble(*number);
  return "";
}

std::string CsvLine(const v1::ResultRow& row) {
  std::vector<std::string> cells;
  for (const ExportColumn& column : ExportSchema()) cells.push_back(CsvCell(Text(column.value(row))));
  return absl::StrCat(absl::StrJoin(cells, ","), "\n");
}

// Built by hand so that numbers have the same digits as in CSV.
std::string JsonLine(const v1::ResultRow& row) {
  std::vector<std::string> members;
  for (const ExportColumn& column : ExportSchema()) {
    const ExportValue value = column.value(row);
    if (std::holds_alternative<std::monostate>(value)) continue;
    const auto* text = std::get_if<std::string>(&value);
    members.push_back(absl::StrCat(
        "\"", column.name, "\":",
        text == nullptr
            ? Text(value)
            : nlohmann::json(*text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
  }
  return absl::StrCat("{", absl::StrJoin(members, ","), "}\n");
}

// CSV and JSON lines: a row is a line.
class LineWriter : public ResultWriter {
 public:
  LineWriter(ResultFormat format, ByteSink sink) : format_(format), sink_(std::move(sink)) {}

  absl::Status Append(const v1::ResultRow& row) override {
    PS_RETURN_IF_ERROR(Begin());
    return sink_(ResultLine(format_, row));
  }
  absl::Status Finish() override { return Begin(); }

 private:
  absl::Status Begin() {
    return std::exchange(begun_, true) ? absl::OkStatus() : sink_(ResultHeader(format_));
  }

  const ResultFormat format_;
  const ByteSink sink_;
  bool begun_ = false;
};

class ParquetResultWriter : public ResultWriter {
 public:
  explicit ParquetResultWriter(ByteSink sink) : file_(Columns(), std::move(sink)) {}

  absl::Status Append(const v1::ResultRow& row) override {
    std::vector<ExportValue> values;
    for (const ExportColumn& column : ExportSchema()) values.push_back(column.value(row));
    return file_.Append(values);
  }
  absl::Status Finish() override { return file_.Finish(); }

 private:
  static std::vector<ParquetColumn> Columns() {
    std::vector<ParquetColumn> columns;
    for (const ExportColumn& column : ExportSchema()) columns.push_back({column.name, column.type});
    return columns;
  }

  ParquetWriter file_;
};

}  // namespace

const std::vector<std::string>& ResultFormatNames() {
  static const auto* const names = new std::vector<std::string>{"csv", "jsonl", "parquet"};
  return *names;
}

absl::StatusOr<ResultFormat> ParseResultFormat(const std::string& name) {
  if (name == "csv") return ResultFormat::kCsv;
  if (name == "jsonl") return ResultFormat::kJsonl;
  if (name == "parquet") return ResultFormat::kParquet;
  const std::string nearest = NearestName(name, ResultFormatNames());
  return absl::InvalidArgumentError(absl::StrCat(
      "unknown format '", name, "'", nearest.empty() ? "" : absl::StrCat("; did you mean '", nearest, "'?"),
      nearest.empty() ? "; there are: " : " There are: ", absl::StrJoin(ResultFormatNames(), ", ")));
}

std::string ResultHeader(ResultFormat format) {
  return format == ResultFormat::kCsv ? absl::StrCat(absl::StrJoin(ExportColumns(), ","), "\n") : "";
}

std::string ResultLine(ResultFormat format, const v1::ResultRow& row) {
  return format == ResultFormat::kCsv ? CsvLine(row) : JsonLine(row);
}

std::string CsvCell(absl::string_view text) {
  if (text.find_first_of(",\"\r\n") == absl::string_view::npos) return std::string(text);
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

std::unique_ptr<ResultWriter> NewResultWriter(ResultFormat format, ByteSink sink) {
  if (format == ResultFormat::kParquet) return std::make_unique<ParquetResultWriter>(std::move(sink));
  return std::make_unique<LineWriter>(format, std::move(sink));
}

}  // namespace probesweep::client
