// How far the surface of statements alone tells their label: a probe below this shows nothing.
#ifndef PROBESWEEP_DATASET_SURFACE_BASELINE_H_
#define PROBESWEEP_DATASET_SURFACE_BASELINE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dataset/split.h"

namespace probesweep {

struct SurfaceBaseline {
  double accuracy = 0.0;        // on the test rows
  std::optional<double> auroc;  // unset when the test rows have one label only
  std::vector<bool> correct;    // for each test row, whether it is classified correctly
};

// Fits logistic regression (C = 1) to the surface features of the train rows and scores the test rows.
// `texts` are well-formed UTF-8, `labels` 0 or 1, one of each per row. No model and no randomness: the same
// input gives the same bits. Errors: INVALID_ARGUMENT (no test rows, train rows of one label).
absl::StatusOr<SurfaceBaseline> FitSurfaceBaseline(const std::vector<std::string>& texts,
                                                   const std::vector<int>& labels, const Split& split);

// The same from length and number of capital letters alone.
absl::StatusOr<SurfaceBaseline> FitShapeBaseline(const std::vector<std::string>& texts,
                                                 const std::vector<int>& labels, const Split& split);

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_SURFACE_BASELINE_H_
