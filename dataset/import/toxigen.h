// ToxiGen's human study (Hartvigsen et al.; arXiv 2203.09509): annotated_train.csv, annotated_test.csv.
#ifndef PROBESWEEP_DATASET_IMPORT_TOXIGEN_H_
#define PROBESWEEP_DATASET_IMPORT_TOXIGEN_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "dataset/import/imported_dataset.h"

namespace probesweep {

// Both scores are means on a scale from 1 to 5: above 5.5 the two together are nearer to toxic. The threshold
// in common use for this file.
inline constexpr double kToxigenThreshold = 5.5;

// One row for each "text", its bytes kept; a Python byte string (b'...'), as all of annotated_train.csv are,
// is decoded to the text that it stands for. Label 1 where toxicity_human + toxicity_ai is above `threshold`.
// Errors: INVALID_ARGUMENT with line and column.
absl::StatusOr<ImportedDataset> ImportToxigen(absl::string_view csv, double threshold);

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_IMPORT_TOXIGEN_H_
