#include "dataset/import/toxigen.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/number_format.h"
#include "common/status.h"
#include "dataset/import/python_bytes.h"
#include "dataset/import/table.h"

namespace probesweep {
namespace {

absl::StatusOr<double> Score(const CsvRecord& record, absl::string_view column, const std::string& field) {
  double score = 0;
  if (absl::SimpleAtod(field, &score) && std::isfinite(score)) return score;
  return RefuseLine(record.line, absl::StrCat(column, " is '", field,
                                              "' and not a number; write the score, or leave the row out"));
}

// annotated_train.csv has its texts as Python byte strings, annotated_test.csv as they are.
absl::StatusOr<std::string> Text(const CsvRecord& record, int64_t* decoded) {
  std::string text = record.fields[0];
  if (IsPythonBytes(text)) {
    absl::StatusOr<std::string> inner = DecodePythonBytes(text);
    if (!inner.ok()) {
      return RefuseLine(record.line, absl::StrCat("text begins as a Python byte string (b'...') and ",
                                                  inner.status().message(),
                                                  "; write the text itself, or leave the row out"));
    }
    text = *std::move(inner);
    ++*decoded;
  }
  if (!absl::StripAsciiWhitespace(text).empty()) return text;
  return RefuseLine(record.line, "text is empty; write it, or leave the row out");
}

}  // namespace

absl::StatusOr<ImportedDataset> ImportToxigen(absl::string_view csv, double threshold) {
  const TableColumns columns = {{"text", "toxicity_human", "toxicity_ai"}, {}};
  PS_ASSIGN_OR_RETURN(const std::vector<CsvRecord> records, ReadCsvColumns(csv, columns));
  ImportedDataset dataset;
  dataset.label_meaning = absl::StrCat("the statement is toxic (toxicity_human + toxicity_ai above ",
                                       FormatDouble(threshold), ")");
  int64_t decoded = 0;
  for (const CsvRecord& record : records) {
    PS_ASSIGN_OR_RETURN(std::string text, Text(record, &decoded));
    PS_ASSIGN_OR_RETURN(const double human, Score(record, "toxicity_human", record.fields[1]));
    PS_ASSIGN_OR_RETURN(const double machine, Score(record, "toxicity_ai", record.fields[2]));
    dataset.rows.push_back({std::move(text), human + machine > threshold ? 1 : 0, ""});
  }
  if (decoded > 0) {
    dataset.notes.push_back(absl::StrCat(
        "Texts that the file has as Python byte strings (b'...') and that were decoded: ", decoded, "."));
  }
  return dataset;
}

}  // namespace probesweep
