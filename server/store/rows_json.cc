#include "server/store/rows_json.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace probesweep::server {
namespace {

using nlohmann::json;

// Written by hand: a row is a hundred numbers, a busy coordinator stores ten thousands of rows a second, and
// a tree of JSON values would take several times as long to build as the text.
void AppendNumber(double value, std::string& text) {
  char buffer[32];
  char* const end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  const absl::string_view digits(buffer, static_cast<size_t>(end - buffer));
  absl::StrAppend(&text, digits);
  // Readers take a number without a fraction for an integer, which has no negative zero.
  if (digits.find_first_of(".e") == absl::string_view::npos) text += ".0";
}

std::string Quoted(const std::string& text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

// All names that a row has a value of, in order.
std::vector<std::string> ColumnsOf(const std::vector<LayerRow>& rows) {
  std::vector<std::string> columns;
  for (const LayerRow& row : rows) {
    size_t i = 0;
    for (const auto& [name, value] : row.values) {
      while (i < columns.size() && columns[i] < name) ++i;
      if (i == columns.size() || columns[i] != name) {
        columns.insert(columns.begin() + static_cast<std::ptrdiff_t>(i), name);
      }
      ++i;
    }
  }
  return columns;
}

void AppendRow(const LayerRow& row, const std::vector<std::string>& columns, std::string& text) {
  absl::StrAppend(&text, "[", row.layer, ",", Quoted(row.protocol));
  // Both are in the order of the names.
  auto value = row.values.begin();
  for (const std::string& column : columns) {
    text += ',';
    if (value != row.values.end() && value->first == column) {
      AppendNumber(value->second, text);
      ++value;
    } else {
      text += "null";
    }
  }
  text += ']';
}

LayerRow RowFrom(const json& entry, const std::vector<std::string>& columns) {
  LayerRow row;
  row.layer = entry.at(0).get<int>();
  row.protocol = entry.at(1).get<std::string>();
  for (size_t i = 0; i < columns.size(); ++i) {
    const json& value = entry.at(i + 2);
    if (!value.is_null()) row.values.emplace(columns[i], value.get<double>());
  }
  return row;
}

}  // namespace

std::string RowsToJson(const std::vector<LayerRow>& rows) {
  const std::vector<std::string> columns = ColumnsOf(rows);
  std::string text = R"({"columns":[)";
  text.reserve(rows.size() * (columns.size() + 1) * 20);
  for (const std::string& column : columns) {
    absl::StrAppend(&text, text.back() == '[' ? "" : ",", Quoted(column));
  }
  text += R"(],"rows":[)";
  for (const LayerRow& row : rows) {
    if (text.back() != '[') text += ',';
    AppendRow(row, columns, text);
  }
  return text + "]}";
}

absl::Status RowsFromJson(const std::string& text, std::vector<LayerRow>& rows) {
  try {
    const json object = json::parse(text);
    const auto columns = object.at("columns").get<std::vector<std::string>>();
    for (const json& entry : object.at("rows")) rows.push_back(RowFrom(entry, columns));
    return absl::OkStatus();
  } catch (const json::exception& error) {
    return absl::DataLossError(absl::StrCat("the store's results cannot be read: ", error.what()));
  }
}

}  // namespace probesweep::server
