#include "client/render/export_columns.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/result_columns.h"

namespace probesweep::client {
namespace {

ExportValue KnownText(const std::string& text) { return text.empty() ? ExportValue() : ExportValue(text); }

void AddIdColumns(std::vector<ExportColumn>& columns) {
  using Row = v1::ResultRow;
  const auto text = [&](const char* name, const std::string& (Row::*field)() const) {
    columns.push_back({name, ColumnType::kText, [field](const Row& row) { return (row.*field)(); }});
  };
  text("sweep", &Row::sweep);
  text("model", &Row::model);
  text("checkpoint", &Row::checkpoint);
  columns.push_back({"step", ColumnType::kInteger, [](const Row& row) {
                       return row.has_step() ? ExportValue(int64_t{row.step()}) : ExportValue();
                     }});
  columns.push_back({"tokens", ColumnType::kInteger, [](const Row& row) {
                       return row.has_tokens() ? ExportValue(int64_t{row.tokens()}) : ExportValue();
                     }});
  text("dimension", &Row::dimension);
  text("dataset", &Row::dataset);
  columns.push_back({"layer", ColumnType::kInteger, [](const Row& row) { return int64_t{row.layer()}; }});
  text("protocol", &Row::protocol);
}

// An integer column's value has no fraction. What is beyond the integers that a double tells apart is no
// count.
ExportValue ValueIn(const v1::ResultRow& row, const ResultColumn& column) {
  const auto found = row.values().find(column.name);
  if (found == row.values().end() || !std::isfinite(found->second)) return {};
  if (!column.integer) return found->second;
  if (std::abs(found->second) > 9e15) return {};
  return static_cast<int64_t>(std::llround(found->second));
}

void AddValueColumns(std::vector<ExportColumn>& columns) {
  for (const ResultColumn& column : ResultColumns()) {
    columns.push_back({column.name, column.integer ? ColumnType::kInteger : ColumnType::kNumber,
                       [&column](const v1::ResultRow& row) { return ValueIn(row, column); }});
  }
}

// After the values: who reads columns by number finds them where they were.
void AddProvenanceColumns(std::vector<ExportColumn>& columns) {
  columns.push_back({"checkpoint_digest", ColumnType::kText,
                     [](const v1::ResultRow& row) { return KnownText(row.checkpoint_digest()); }});
  const auto add = [&](const char* name, const std::string& (v1::Provenance::*field)() const) {
    columns.push_back({name, ColumnType::kText,
                       [field](const v1::ResultRow& row) { return KnownText((row.provenance().*field)()); }});
  };
  add("tokenizer_digest", &v1::Provenance::tokenizer_digest);
  add("dataset_digest", &v1::Provenance::dataset_digest);
  add("configuration", &v1::Provenance::configuration);
  add("engine_version", &v1::Provenance::engine_version);
  add("device", &v1::Provenance::device);
  add("dtype", &v1::Provenance::dtype);
}

// The columns of one part, made once for all.
const std::vector<ExportColumn>* Part(void (*add)(std::vector<ExportColumn>&)) {
  auto* const columns = new std::vector<ExportColumn>();
  add(*columns);
  return columns;
}

bool Holds(const std::vector<ExportColumn>& columns, absl::string_view name) {
  return std::any_of(columns.begin(), columns.end(),
                     [name](const ExportColumn& column) { return column.name == name; });
}

}  // namespace

const std::vector<ExportColumn>& ExportSchema() {
  static const auto* const columns = [] {
    auto* made = new std::vector<ExportColumn>();
    AddIdColumns(*made);
    AddValueColumns(*made);
    AddProvenanceColumns(*made);
    return made;
  }();
  return *columns;
}

std::vector<std::string> ExportColumns() {
  std::vector<std::string> names;
  for (const ExportColumn& column : ExportSchema()) names.push_back(column.name);
  return names;
}

bool IsIdColumn(absl::string_view name) {
  static const auto* const columns = Part(AddIdColumns);
  return Holds(*columns, name);
}

bool IsValueColumn(absl::string_view name) { return FindResultColumn(name) != nullptr; }

bool IsProvenanceColumn(absl::string_view name) {
  static const auto* const columns = Part(AddProvenanceColumns);
  return Holds(*columns, name);
}

}  // namespace probesweep::client
