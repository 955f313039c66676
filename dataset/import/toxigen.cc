#include "dataset/import/toxigen.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/number_format.h"
#include "common/status.h"
#include "dataset/import/table.h"

namespace probesweep {
namespace {

absl::StatusOr<double> Score(const CsvRecord& record, absl::string_view column, const std::string& field) {
  double score = 0;
  if (absl::SimpleAtod(field, &score) && std::isfinite(score)) return score;
  return RefuseLine(record.line, absl::StrCat(column, " is '", field,
                                              "' and not a number; write the score, or leave the row out"));
}

}  // namespace

absl::StatusOr<ImportedDataset> ImportToxigen(absl::string_view csv, double threshold) {
  const TableColumns columns = {{"text", "toxicity_human", "toxicity_ai"}, {}};
  PS_ASSIGN_OR_RETURN(const std::vector<CsvRecord> records, ReadCsvColumns(csv, columns));
  ImportedDataset dataset;
  dataset.label_meaning = absl::StrCat("the statement is toxic (toxicity_human + toxicity_ai above ",
                                       FormatDouble(threshold), ")");
  for (const CsvRecord& record : records) {
    const std::string& text = record.fields[0];
    if (absl::StripAsciiWhitespace(text).empty()) {
      return RefuseLine(record.line, "text is empty; write it, or leave the row out");
    }
    PS_ASSIGN_OR_RETURN(const double human, Score(record, "toxicity_human", record.fields[1]));
    PS_ASSIGN_OR_RETURN(const double machine, Score(record, "toxicity_ai", record.fields[2]));
    dataset.rows.push_back({text, human + machine > threshold ? 1 : 0, ""});
  }
  return dataset;
}

}  // namespace probesweep
