// StereoSet (Nadeem, Bethke, Reddy; arXiv 2004.09456): dev.json.
#ifndef PROBESWEEP_DATASET_IMPORT_STEREOSET_H_
#define PROBESWEEP_DATASET_IMPORT_STEREOSET_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "dataset/import/imported_dataset.h"

namespace probesweep {

// "intersentence": the context, a space and a sentence that follows it. "intrasentence": the sentence alone,
// which is the context with its BLANK filled.
const std::vector<std::string>& KnownStereosetParts();

// One row for each sentence whose gold_label is "stereotype" (label 1) or "unrelated" (label 0); the
// anti-stereotypes are left out. The context's id is the group. `bias_type` chooses contexts ("race"); ""
// takes all. Errors: INVALID_ARGUMENT with the path of the field, or the line where the text is not JSON.
absl::StatusOr<ImportedDataset> ImportStereoset(absl::string_view json, absl::string_view part,
                                                absl::string_view bias_type);

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_IMPORT_STEREOSET_H_
