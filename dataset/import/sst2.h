// SST-2 as GLUE distributes it: train.tsv, dev.tsv, test.tsv; and as passed on without a header.
#ifndef PROBESWEEP_DATASET_IMPORT_SST2_H_
#define PROBESWEEP_DATASET_IMPORT_SST2_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "dataset/import/imported_dataset.h"

namespace probesweep {

// Share of letters that are capitals in the perturbed rows of the released file: 0.047.
inline constexpr double kDefaultPerturbationRate = 0.05;

// Each "sentence" twice: as it is (label 0) and with the share `rate`, above 0 and at most 1, of its small
// letters turned into capitals, at least one, drawn from `seed` (label 1). The sentiment is not used. The
// group is the sentence's number. A sentence without small letters is left out: its twins would be alike. A
// file without a header has a sentence and a sentiment of 0 or 1 in each line, in either order. Errors:
// INVALID_ARGUMENT with the line.
absl::StatusOr<ImportedDataset> ImportSst2(absl::string_view tsv, double rate, uint64_t seed);

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_IMPORT_SST2_H_
