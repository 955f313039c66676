// What an importer makes of a publication's own file, and the CSV that the rest of the program reads.
#ifndef PROBESWEEP_DATASET_IMPORT_IMPORTED_DATASET_H_
#define PROBESWEEP_DATASET_IMPORT_IMPORTED_DATASET_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace probesweep {

struct ImportedRow {
  std::string statement;
  int label = 0;
  std::string group;  // "" in all rows when the file names no groups
};

struct ImportedDataset {
  std::vector<ImportedRow> rows;  // in the file's order
  std::string label_meaning;
  std::vector<std::string> notes;  // what was left out and why; a sentence each
};

// Streams of the seed (dataset/shuffle.h).
inline constexpr uint64_t kImportOrderStream = 3;
inline constexpr uint64_t kPerturbationStream = 4;

// CSV with "statement", "label" and, when the rows have groups, "group"; rows in an order drawn from `seed`,
// for protocol released trains on the first rows of a file.
std::string DatasetCsv(const ImportedDataset& dataset, uint64_t seed);

// INVALID_ARGUMENT: "line N: <what>".
absl::Status RefuseLine(int64_t line, absl::string_view what);

// Errors: INVALID_ARGUMENT, where `text` is not UTF-8.
absl::Status CheckUtf8(absl::string_view text);

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_IMPORT_IMPORTED_DATASET_H_
