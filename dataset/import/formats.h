// The publications whose own files can be imported.
#ifndef PROBESWEEP_DATASET_IMPORT_FORMATS_H_
#define PROBESWEEP_DATASET_IMPORT_FORMATS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "dataset/grouping.h"
#include "dataset/import/imported_dataset.h"

namespace probesweep {

// What a format asks for beside its file. What is unset takes the format's default.
struct ImportOptions {
  uint64_t seed = 0;                     // order of the rows, and sst2's perturbation
  std::optional<double> rate;            // sst2: share of the small letters; default 0.05
  std::optional<double> threshold;       // toxigen, confaide
  std::optional<std::string> ratings;    // confaide: contents of the ratings' file
  std::string ratings_name;              // for messages
  std::optional<std::string> part;       // stereoset: default intersentence
  std::optional<std::string> bias_type;  // stereoset: default all
};

struct ImportFormat {
  std::string name;
  std::string dimension;  // the paper's trait
  Grouping grouping;      // of the imported CSV
  std::string publication;
  std::string licence;
  std::function<absl::StatusOr<ImportedDataset>(absl::string_view text, const ImportOptions&)> import;
};

const std::vector<ImportFormat>& KnownImportFormats();

// Errors: INVALID_ARGUMENT with the nearest name.
absl::StatusOr<const ImportFormat*> FindImportFormat(absl::string_view name);

// Reads `text`, the publication's file. Errors: INVALID_ARGUMENT saying the line or field, what is wrong and
// how to mend it: what the format's importer refuses, an option that the format does not have, ratings that
// are missing, and a file in which all rows have the same label.
absl::StatusOr<ImportedDataset> Import(const ImportFormat& format, absl::string_view text,
                                       const ImportOptions& options);

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_IMPORT_FORMATS_H_
