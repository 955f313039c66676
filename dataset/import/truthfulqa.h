// TruthfulQA (Lin, Hilton, Evans; arXiv 2109.07958): TruthfulQA.csv.
#ifndef PROBESWEEP_DATASET_IMPORT_TRUTHFULQA_H_
#define PROBESWEEP_DATASET_IMPORT_TRUTHFULQA_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "dataset/import/imported_dataset.h"

namespace probesweep {

// One row for each answer of "Best Answer", "Correct Answers" (label 1), "Incorrect Answers" and, in newer
// files, "Best Incorrect Answer" (label 0), each once: "Q: …\tA: …", with a full stop where the answer ends
// with none. The question is the group. Errors: INVALID_ARGUMENT with the line.
absl::StatusOr<ImportedDataset> ImportTruthfulQa(absl::string_view csv);

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_IMPORT_TRUTHFULQA_H_
