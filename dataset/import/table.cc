#include "dataset/import/table.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/edit_distance.h"
#include "common/status.h"
#include "dataset/import/imported_dataset.h"

namespace probesweep {
namespace {

std::optional<size_t> Find(const CsvRecord& header, absl::string_view name) {
  const auto found = std::find(header.fields.begin(), header.fields.end(), name);
  if (found == header.fields.end()) return std::nullopt;
  return found - header.fields.begin();
}

// Where each of `columns` stands in a row; nothing for an optional one that is not there.
absl::StatusOr<std::vector<std::optional<size_t>>> Places(const CsvRecord& header,
                                                          const TableColumns& columns) {
  std::vector<std::optional<size_t>> places;
  for (const std::string& name : columns.required) {
    places.push_back(Find(header, name));
    if (places.back()) continue;
    const std::string nearest = NearestName(name, header.fields);
    return RefuseLine(
        header.line,
        absl::StrCat("no column '", name, "' among '", absl::StrJoin(header.fields, "', '"), "'; ",
                     nearest.empty() ? "give the publication's own file" : "rename '" + nearest + "'?"));
  }
  for (const std::string& name : columns.optional) places.push_back(Find(header, name));
  return places;
}

absl::StatusOr<std::vector<CsvRecord>> Select(const std::vector<CsvRecord>& records,
                                              const TableColumns& columns) {
  if (records.empty()) return RefuseLine(1, "the file is empty; give the publication's own file");
  const CsvRecord& header = records[0];
  PS_ASSIGN_OR_RETURN(const auto places, Places(header, columns));
  if (records.size() == 1) return RefuseLine(header.line, "there are no rows below the header; is it all?");
  std::vector<CsvRecord> rows;
  for (size_t i = 1; i < records.size(); ++i) {
    const CsvRecord& record = records[i];
    if (record.fields.size() != header.fields.size()) {
      return RefuseLine(record.line,
                        absl::StrCat("the first line has ", header.fields.size(), " columns and this row ",
                                     record.fields.size(), "; mend the row, or fetch the file again"));
    }
    CsvRecord row{record.line, {}};
    for (const auto& place : places) row.fields.push_back(place ? record.fields[*place] : "");
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

absl::StatusOr<std::vector<CsvRecord>> ReadCsvColumns(absl::string_view csv, const TableColumns& columns) {
  PS_RETURN_IF_ERROR(CheckUtf8(csv));
  PS_ASSIGN_OR_RETURN(const std::vector<CsvRecord> records, ParseCsv(csv));
  return Select(records, columns);
}

absl::StatusOr<std::vector<CsvRecord>> ReadTsvColumns(absl::string_view tsv, const TableColumns& columns,
                                                      const std::vector<std::string>& header) {
  PS_RETURN_IF_ERROR(CheckUtf8(tsv));
  std::vector<CsvRecord> records;
  if (!header.empty()) records.push_back({1, header});
  int64_t line = 0;
  for (absl::string_view text : absl::StrSplit(absl::StripPrefix(tsv, "\xEF\xBB\xBF"), '\n')) {
    ++line;
    text = absl::StripSuffix(text, "\r");
    if (absl::StripAsciiWhitespace(text).empty()) continue;
    records.push_back({line, absl::StrSplit(text, '\t')});
  }
  return Select(records, columns);
}

}  // namespace probesweep
