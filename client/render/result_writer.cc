#include "client/render/result_writer.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/edit_distance.h"
#include "common/number_format.h"
#include "common/result_columns.h"

namespace probesweep::client {
namespace {

// A column that holds text or an integer, absent when unknown.
struct TextColumn {
  const char* name;
  nlohmann::ordered_json (*value)(const v1::ResultRow&);
};

const std::vector<TextColumn>& IdColumns() {
  using Json = nlohmann::ordered_json;
  static const auto* const columns = new std::vector<TextColumn>{
      {"sweep", [](const v1::ResultRow& row) -> Json { return row.sweep(); }},
      {"model", [](const v1::ResultRow& row) -> Json { return row.model(); }},
      {"checkpoint", [](const v1::ResultRow& row) -> Json { return row.checkpoint(); }},
      {"step", [](const v1::ResultRow& row) { return row.has_step() ? Json(row.step()) : Json(); }},
      {"tokens", [](const v1::ResultRow& row) { return row.has_tokens() ? Json(row.tokens()) : Json(); }},
      {"dimension", [](const v1::ResultRow& row) -> Json { return row.dimension(); }},
      {"dataset", [](const v1::ResultRow& row) -> Json { return row.dataset(); }},
      {"layer", [](const v1::ResultRow& row) -> Json { return row.layer(); }},
      {"protocol", [](const v1::ResultRow& row) -> Json { return row.protocol(); }},
  };
  return *columns;
}

// After the values: who reads columns by number finds them where they were.
const std::vector<TextColumn>& LastColumns() {
  using Json = nlohmann::ordered_json;
  static const auto* const columns = new std::vector<TextColumn>{
      {"checkpoint_digest", [](const v1::ResultRow& row) {
         return row.checkpoint_digest().empty() ? Json() : Json(row.checkpoint_digest());
       }}};
  return *columns;
}

std::string Text(const nlohmann::ordered_json& value) {
  if (value.is_null()) return "";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// "" when absent; an integer column's value has no fraction and so no point.
std::string Number(const v1::ResultRow& row, const ResultColumn& column) {
  const auto found = row.values().find(column.name);
  if (found == row.values().end() || !std::isfinite(found->second)) return "";
  const double value = found->second;
  if (column.integer && std::abs(value) < 9e15)
    return absl::StrCat(static_cast<int64_t>(std::llround(value)));
  return FormatDouble(value);
}

std::string CsvLine(const v1::ResultRow& row) {
  std::vector<std::string> cells;
  for (const TextColumn& column : IdColumns()) cells.push_back(CsvCell(Text(column.value(row))));
  for (const ResultColumn& column : ResultColumns()) cells.push_back(Number(row, column));
  for (const TextColumn& column : LastColumns()) cells.push_back(CsvCell(Text(column.value(row))));
  return absl::StrCat(absl::StrJoin(cells, ","), "\n");
}

// Built by hand so that numbers have the same digits as in CSV.
std::string JsonLine(const v1::ResultRow& row) {
  std::vector<std::string> members;
  const auto add = [&](const char* name, const std::string& json) {
    members.push_back(absl::StrCat("\"", name, "\":", json));
  };
  const auto add_text = [&](const TextColumn& column) {
    const nlohmann::ordered_json value = column.value(row);
    if (value.is_null()) return;
    add(column.name, value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  };
  for (const TextColumn& column : IdColumns()) add_text(column);
  for (const ResultColumn& column : ResultColumns()) {
    const std::string number = Number(row, column);
    if (!number.empty()) add(column.name, number);
  }
  for (const TextColumn& column : LastColumns()) add_text(column);
  return absl::StrCat("{", absl::StrJoin(members, ","), "}\n");
}

}  // namespace

const std::vector<std::string>& ResultFormatNames() {
  static const auto* const names = new std::vector<std::string>{"csv", "jsonl"};
  return *names;
}

absl::StatusOr<ResultFormat> ParseResultFormat(const std::string& name) {
  if (name == "csv") return ResultFormat::kCsv;
  if (name == "jsonl") return ResultFormat::kJsonl;
  const std::string nearest = NearestName(name, ResultFormatNames());
  return absl::InvalidArgumentError(absl::StrCat(
      "unknown format '", name, "'", nearest.empty() ? "" : absl::StrCat("; did you mean '", nearest, "'?"),
      nearest.empty() ? "; there are: " : " There are: ", absl::StrJoin(ResultFormatNames(), ", ")));
}

std::vector<std::string> ExportColumns() {
  std::vector<std::string> names;
  for (const TextColumn& column : IdColumns()) names.emplace_back(column.name);
  for (const ResultColumn& column : ResultColumns()) names.emplace_back(column.name);
  for (const TextColumn& column : LastColumns()) names.emplace_back(column.name);
  return names;
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

}  // namespace probesweep::client
