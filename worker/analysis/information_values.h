// How far a layer depends on layer 0 and on the labels: the columns mi_*, hsic_*, linear_hsic_* and cka_*.
#ifndef PROBESWEEP_WORKER_ANALYSIS_INFORMATION_VALUES_H_
#define PROBESWEEP_WORKER_ANALYSIS_INFORMATION_VALUES_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/analysis_config.h"
#include "common/result_columns.h"
#include "worker/analysis/hsic.h"
#include "worker/analysis/permutations.h"
#include "worker/analysis/protocol.h"

namespace probesweep::worker {

HsicOptions HsicOptionsOf(const AnalysisConfig& config);

// Which estimators, and against which null.
struct InformationOptions {
  bool normalised_hsic = true;          // mi_tx, mi_ty
  std::vector<std::string> estimators;  // of KnownEstimators()
  int64_t permutations = 0;             // of the null of mi_tx and mi_ty; 0: none
  int64_t seed = 0;                     // of the permutations
};

// One dimension's layers against layer 0. Thread-safe once layer 0 is analysed, which comes first.
class InformationValues {
 public:
  // `labels`: fp64 [m]; `groups`: of the same rows.
  InformationValues(const HsicOptions& hsic, InformationOptions options, at::Tensor labels,
                    const std::vector<int64_t>& groups);

  // Adds the values of a layer's rows, fp64 [m, dim]. Errors: those of InvertKernel and `step`.
  absl::Status Add(int64_t layer, const at::Tensor& sample, AnalysisStep step, ResultValues& values);

 private:
  absl::Status AddNormalised(int64_t layer, const at::Tensor& sample, AnalysisStep step,
                             ResultValues& values);
  absl::Status AddNulls(const KernelInverse& kernel, AnalysisStep step, ResultValues& values) const;
  void AddEstimator(const std::string& name, const at::Tensor& sample, ResultValues& values) const;

  const HsicOptions hsic_;
  const InformationOptions options_;
  const at::Tensor labels_;
  const RowPermutations permutations_;
  KernelInverse first_kernel_;  // X of the normalised HSIC
  at::Tensor first_sample_;     // X of the other estimators; undefined without them
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_INFORMATION_VALUES_H_
