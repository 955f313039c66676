#include "client/compare/result_file.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/render/export_columns.h"
#include "common/file.h"
#include "common/printable.h"
#include "common/status.h"
#include "dataset/csv.h"

namespace probesweep::client {
namespace {

using Json = nlohmann::json;

// Of cells and lines in errors.
constexpr size_t kMaxShown = 60;

absl::Status Bad(const std::string& path, int64_t line, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(path, ", line ", line, ": ", why));
}

// Takes one row apart: cells by column name, empty ones left out.
class RowReader {
 public:
  // Errors: what is wrong with the cell.
  absl::Status Add(const std::string& column, const std::string& cell) {
    if (cell.empty()) return absl::OkStatus();
    if (column == "checkpoint") {
      key_.checkpoint = cell;
    } else if (column == "dimension") {
      key_.dimension = cell;
    } else if (column == "protocol") {
      key_.protocol = cell;
    } else if (column == "layer") {
      has_layer_ = absl::SimpleAtoi(cell, &key_.layer) && key_.layer >= 0;
    } else if (IsProvenanceColumn(column)) {
      entry_.provenance[column] = cell;
    } else {
      return AddValue(column, cell);
    }
    return absl::OkStatus();
  }

  absl::Status Finish(ResultSet& set) {
    if (key_.checkpoint.empty() || key_.dimension.empty() || key_.protocol.empty() || !has_layer_) {
      return absl::InvalidArgumentError(
          "no row of an export: it needs checkpoint, dimension, layer and protocol");
    }
    return AddEntry(key_, std::move(entry_), set);
  }

 private:
  absl::Status AddValue(const std::string& column, const std::string& cell) {
    double value = 0;
    if (absl::SimpleAtod(cell, &value) && std::isfinite(value)) {
      if (!IsIdColumn(column)) entry_.values[column] = value;
      return absl::OkStatus();
    }
    if (!IsValueColumn(column)) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("column ", column, ": '", Printable(cell, kMaxShown), "' is no number"));
  }

  RowKey key_;
  bool has_layer_ = false;
  ResultEntry entry_;
};

absl::Status ReadCsv(const std::string& text, const std::string& path, ResultSet& set) {
  const absl::StatusOr<std::vector<CsvRecord>> parsed = ParseCsv(text);
  if (!parsed.ok()) return Annotate(parsed.status(), path);
  const std::vector<CsvRecord>& records = *parsed;
  if (records.empty()) return Bad(path, 1, "no line of titles; is this an export?");
  const std::vector<std::string>& titles = records[0].fields;
  for (const char* needed : {"checkpoint", "dimension", "layer", "protocol"}) {
    if (std::find(titles.begin(), titles.end(), needed) != titles.end()) continue;
    return Bad(path, records[0].line, absl::StrCat("no column '", needed, "'; is this an export?"));
  }
  for (size_t i = 1; i < records.size(); ++i) {
    const CsvRecord& record = records[i];
    if (record.fields.size() != titles.size()) {
      return Bad(path, record.line,
                 absl::StrCat(record.fields.size(), " cells under ", titles.size(), " titles"));
    }
    RowReader row;
    absl::Status status;
    for (size_t column = 0; column < titles.size() && status.ok(); ++column) {
      status = row.Add(titles[column], record.fields[column]);
    }
    if (status.ok()) status = row.Finish(set);
    if (!status.ok()) return Bad(path, record.line, status.message());
  }
  return absl::OkStatus();
}

absl::Status ReadJsonLine(absl::string_view line, ResultSet& set) {
  // Without exceptions: a discarded value is the answer to text that is no JSON.
  const Json object = Json::parse(line.begin(), line.end(), nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return absl::InvalidArgumentError("no JSON object");
  RowReader row;
  for (const auto& [name, value] : object.items()) {
    if (!value.is_primitive()) continue;
    PS_RETURN_IF_ERROR(row.Add(name, value.is_string() ? value.get<std::string>()
                                     : value.is_null() ? ""
                                                       : value.dump()));
  }
  return row.Finish(set);
}

absl::Status ReadJsonLines(const std::string& text, const std::string& path, ResultSet& set) {
  int64_t number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    const absl::Status status = ReadJsonLine(line, set);
    if (!status.ok()) return Bad(path, number, status.message());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ResultSet> ReadResultFile(const std::string& path) {
  PS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  if (absl::StartsWith(text, "PAR1")) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is Parquet; files are compared as csv or jsonl: export it in one of these"));
  }
  ResultSet set;
  set.name = path;
  const bool json = absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "{");
  PS_RETURN_IF_ERROR(json ? ReadJsonLines(text, path, set) : ReadCsv(text, path, set));
  return set;
}

bool NamesResultFile(absl::string_view name) {
  return absl::StrContains(name, '/') || absl::EndsWith(name, ".csv") || absl::EndsWith(name, ".jsonl") ||
         absl::EndsWith(name, ".parquet");
}

}  // namespace probesweep::client
