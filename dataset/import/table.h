// Named columns of a table as publications distribute them: comma- or tab-separated, with a header.
#ifndef PROBESWEEP_DATASET_IMPORT_TABLE_H_
#define PROBESWEEP_DATASET_IMPORT_TABLE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "dataset/csv.h"

namespace probesweep {

struct TableColumns {
  std::vector<std::string> required;
  std::vector<std::string> optional;  // read as empty where the table has none
};

// The rows below the header, each with the fields of `columns` in that order: the required ones, then the
// optional. Errors: INVALID_ARGUMENT with the line (a missing column and the nearest name, a row with more or
// fewer fields than the header, no rows, text that is not UTF-8).
absl::StatusOr<std::vector<CsvRecord>> ReadCsvColumns(absl::string_view csv, const TableColumns& columns);

// The same for tab-separated text in which a quote is text like any other, as GLUE is. `header`, unless
// empty, names the columns of a table that has no header of its own.
absl::StatusOr<std::vector<CsvRecord>> ReadTsvColumns(absl::string_view tsv, const TableColumns& columns,
                                                      const std::vector<std::string>& header = {});

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_IMPORT_TABLE_H_
