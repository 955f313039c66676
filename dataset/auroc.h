#ifndef PROBESWEEP_DATASET_AUROC_H_
#define PROBESWEEP_DATASET_AUROC_H_

#include <optional>
#include <vector>

namespace probesweep {

// The area under the ROC curve: the share of pairs (a row of label 1, a row of label 0) in which the row of
// label 1 has the higher score; a tie counts half. `scores` and `labels` (0 or 1) have one entry per row;
// no score is NaN. Unset when the rows have one label only.
std::optional<double> Auroc(const std::vector<double>& scores, const std::vector<int>& labels);

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_AUROC_H_
