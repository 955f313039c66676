// ConfAIde (Mireshghallah et al.; arXiv 2310.17884): benchmark/tier_1.txt, tier_2a.txt, tier_2b.txt, and the
// mean ratings that people gave: tier_1_labels.txt, tier_2_labels.txt.
#ifndef PROBESWEEP_DATASET_IMPORT_CONFAIDE_H_
#define PROBESWEEP_DATASET_IMPORT_CONFAIDE_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "dataset/import/imported_dataset.h"

namespace probesweep {

// One row for each line of the tier's file: what stands behind the instruction, which ends with a backslash
// and an n, and behind "Information: " (tier 1). `ratings` has one number a line, `ratings_name` is for
// messages. Label 1: tier 1, how sensitive the information is from 1 to 4, at least `threshold` (default
// 2.5); tier 2, how far the flow meets expectations from -100 to 100, below `threshold` (default 0). Tiers 3
// and 4 rate what a model answers and not a text: refused. Errors: INVALID_ARGUMENT with the line.
absl::StatusOr<ImportedDataset> ImportConfaide(absl::string_view tier, absl::string_view ratings,
                                               absl::string_view ratings_name,
                                               std::optional<double> threshold);

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_IMPORT_CONFAIDE_H_
