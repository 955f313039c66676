// Logistic regression on sparse features: many columns, few entries.
#ifndef PROBESWEEP_DATASET_SPARSE_LOGISTIC_H_
#define PROBESWEEP_DATASET_SPARSE_LOGISTIC_H_

#include <vector>

#include "absl/status/statusor.h"
#include "dataset/sparse_matrix.h"

namespace probesweep {

struct LogisticModel {
  std::vector<double> weights;  // one per column
  double intercept = 0.0;
  int iterations = 0;  // Newton steps
};

// The minimum of Σ log(1 + e^z) − y z + ‖w‖²/2 with z = A·w + b, the intercept b free: scikit-learn's
// LogisticRegression with C = 1, at its optimum. It is unique where `labels` (0 or 1, one per row) has both
// labels; Newton steps by conjugate gradients go on until no entry of the gradient exceeds 1e-10 · rows.
// The same input gives the same bits. Errors: INVALID_ARGUMENT (one label only), INTERNAL (no convergence).
absl::StatusOr<LogisticModel> FitSparseLogistic(const SparseMatrix& features, const std::vector<int>& labels);

// z, one per row.
std::vector<double> Scores(const LogisticModel& model, const SparseMatrix& features);

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_SPARSE_LOGISTIC_H_
