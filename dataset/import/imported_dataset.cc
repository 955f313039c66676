#include "dataset/import/imported_dataset.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/unicode.h"
#include "dataset/shuffle.h"

namespace probesweep {
namespace {

void AppendField(absl::string_view field, std::string* csv) {
  if (field.find_first_of(",\"\r\n") == absl::string_view::npos) {
    absl::StrAppend(csv, field);
  } else {
    absl::StrAppend(csv, "\"", absl::StrReplaceAll(field, {{"\"", "\"\""}}), "\"");
  }
}

}  // namespace

std::string DatasetCsv(const ImportedDataset& dataset, uint64_t seed) {
  const bool grouped = std::any_of(dataset.rows.begin(), dataset.rows.end(),
                                   [](const ImportedRow& row) { return !row.group.empty(); });
  std::vector<int64_t> order(dataset.rows.size());
  std::iota(order.begin(), order.end(), 0);
  SeededRandom random(seed, kImportOrderStream);
  Shuffle(order, random);
  std::string csv = grouped ? "statement,label,group\n" : "statement,label\n";
  for (const int64_t index : order) {
    const ImportedRow& row = dataset.rows[index];
    AppendField(row.statement, &csv);
    absl::StrAppend(&csv, ",", row.label);
    if (grouped) {
      csv += ',';
      AppendField(row.group, &csv);
    }
    csv += '\n';
  }
  return csv;
}

absl::Status RefuseLine(int64_t line, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("line ", line, ": ", what));
}

absl::Status CheckUtf8(absl::string_view text) {
  const size_t at = FindInvalidUtf8(text);
  if (at == absl::string_view::npos) return absl::OkStatus();
  const int64_t line = 1 + std::count(text.begin(), text.begin() + at, '\n');
  return RefuseLine(line, "the text is not UTF-8; save the file as UTF-8, or convert it with iconv");
}

}  // namespace probesweep
