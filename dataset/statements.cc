#include "dataset/statements.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/edit_distance.h"
#include "common/status.h"
#include "common/unicode.h"
#include "dataset/csv.h"

namespace probesweep {
namespace {

// Where the columns that are read stand in each record.
struct Columns {
  size_t statement = 0;
  size_t label = 0;
  std::optional<size_t> group;
};

absl::Status At(const CsvRecord& record, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("line ", record.line, ": ", what));
}

absl::Status CheckText(const CsvRecord& record) {
  for (const std::string& field : record.fields) {
    if (field.size() > kMaxTextBytes) {
      return At(record,
                absl::StrCat("a field of ", field.size(), " bytes; at most ", kMaxTextBytes, " are read"));
    }
    if (FindInvalidUtf8(field) != absl::string_view::npos) {
      return At(record, "the text is not UTF-8; save the file as UTF-8");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> FindColumn(const CsvRecord& header, absl::string_view name) {
  const auto begin = header.fields.begin(), end = header.fields.end();
  const auto found = std::find(begin, end, name);
  if (found == end) {
    const std::string nearest = NearestName(name, header.fields);
    return At(header, absl::StrCat("no column '", name, "' among '", absl::StrJoin(header.fields, "', '"),
                                   nearest.empty() ? "'; add it to the header and to every row"
                                                   : absl::StrCat("'; rename '", nearest, "'?")));
  }
  if (std::find(found + 1, end, name) != end) {
    return At(header, absl::StrCat("the column '", name, "' is there twice; keep one"));
  }
  return static_cast<size_t>(found - begin);
}

absl::StatusOr<Columns> FindColumns(const CsvRecord& header, absl::string_view group_column) {
  PS_RETURN_IF_ERROR(CheckText(header));
  Columns columns;
  PS_ASSIGN_OR_RETURN(columns.statement, FindColumn(header, "statement"));
  PS_ASSIGN_OR_RETURN(columns.label, FindColumn(header, "label"));
  if (!group_column.empty()) {
    PS_ASSIGN_OR_RETURN(columns.group, FindColumn(header, group_column));
  }
  return columns;
}

absl::StatusOr<int> ReadLabel(const CsvRecord& record, const std::string& field) {
  const absl::string_view label = absl::StripAsciiWhitespace(field);
  if (label == "0") return 0;
  if (label == "1") return 1;
  return At(record, absl::StrCat("the label is '", field, "'; write 0 or 1, or leave the row out"));
}

absl::Status AddRow(const Columns& columns, size_t width, CsvRecord record,
                    std::vector<std::string>* group_names, Statements* statements) {
  if (record.fields.size() != width) {
    return At(record, absl::StrCat("the header has ", width, " columns and this row ", record.fields.size(),
                                   "; put a statement with commas in double quotes"));
  }
  PS_RETURN_IF_ERROR(CheckText(record));
  PS_ASSIGN_OR_RETURN(const int label, ReadLabel(record, record.fields[columns.label]));
  if (record.fields[columns.statement].empty()) {
    return At(record, "the statement is empty; write one, or leave the row out");
  }
  if (columns.group.has_value()) {
    std::string& group = record.fields[*columns.group];
    if (group.empty())
      return At(record, "the group is empty; name one, a row of its own has a name of its own");
    group_names->push_back(std::move(group));
  }
  statements->labels.push_back(label);
  statements->texts.push_back(std::move(record.fields[columns.statement]));
  return absl::OkStatus();
}

absl::StatusOr<Statements> ReadRecords(std::vector<CsvRecord> records, const Grouping& grouping) {
  if (records.empty()) {
    return absl::InvalidArgumentError(
        "the file is empty; it needs a header with 'statement' and 'label', and rows");
  }
  PS_ASSIGN_OR_RETURN(const Columns columns, FindColumns(records[0], grouping.column));
  if (records.size() == 1)
    return At(records[0], "there are no rows below the header; add labelled statements");
  const size_t width = records[0].fields.size();
  Statements statements;
  std::vector<std::string> group_names;
  for (size_t i = 1; i < records.size(); ++i) {
    PS_RETURN_IF_ERROR(AddRow(columns, width, std::move(records[i]), &group_names, &statements));
  }
  statements.groups = GroupRows(statements.texts, group_names, grouping.rule);
  statements.grouped = !grouping.column.empty() || !grouping.rule.empty();
  return statements;
}

}  // namespace

absl::StatusOr<Statements> ReadStatements(absl::string_view csv, absl::string_view dataset_name,
                                          const Grouping& grouping) {
  const auto read = [&]() -> absl::StatusOr<Statements> {
    PS_RETURN_IF_ERROR(CheckGrouping(grouping));
    PS_ASSIGN_OR_RETURN(std::vector<CsvRecord> records, ParseCsv(csv));
    return ReadRecords(std::move(records), grouping);
  };
  absl::StatusOr<Statements> statements = read();
  if (!statements.ok()) return Annotate(statements.status(), absl::StrCat("dataset '", dataset_name, "'"));
  return statements;
}

}  // namespace probesweep
