// One analysis configuration: what a sweep's author may choose about how representations become numbers.
#ifndef PROBESWEEP_COMMON_ANALYSIS_CONFIG_H_
#define PROBESWEEP_COMMON_ANALYSIS_CONFIG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace probesweep {

// Bounds of the counts below.
inline constexpr int64_t kFewestSplits = 2, kMostSplits = 1000;
inline constexpr int64_t kLargestSeed = int64_t{1} << 53;  // JSON's numbers hold it exactly
inline constexpr int64_t kMostPermutations = 100000;

struct AnalysisConfig {
  std::vector<std::string> protocols = {"released", "calibrated"};  // see KnownProtocols()
  double probe_c = 1.0;          // inverse strength of the probe's L2 penalty (scikit-learn's C)
  std::string solver = "exact";  // see KnownSolvers()

  // Of the normalised HSIC: K = exp(−D / (2 σ² dim)), R = Kc (Kc + ε m I)⁻¹.
  double hsic_sigma = 50.0;
  double hsic_epsilon = 1e-5;
  bool hsic_scale_by_dimension = true;  // false: no dim in K
  // Further estimators of dependence beside the normalised HSIC; see KnownEstimators().
  std::vector<std::string> estimators;

  // Of protocols that draw their splits.
  int64_t splits = 5;          // seeded splits that figures are averaged over, at least 2
  int64_t seed = 0;            // of splits, control tasks and permutations
  int64_t permutations = 200;  // of the null distribution of mutual information; 0: no null

  // Artifacts.
  bool keep_probes = true;
  bool keep_steering_vectors = true;
  bool keep_representations = false;  // large: 4 bytes × statements × hidden × layers for each task

  // One line that differs whenever a result may differ; part of the reuse key. Doubles in shortest form that
  // reads back exactly.
  std::string Canonical() const;

  // Errors: INVALID_ARGUMENT naming the field, with the nearest valid name.
  absl::Status Validate() const;
};

// "released" (the published code's method), "paper" (the paper's), "calibrated".
const std::vector<std::string>& KnownProtocols();
// "exact": the optimum. "sklearn", "sklearn-1.4": where scikit-learn's default L-BFGS stops, with the
// objective of releases up to 1.3, and of those since 1.4.
const std::vector<std::string>& KnownSolvers();
// "hsic", "linear_hsic": biased, with the Gaussian and the linear kernel. "cka": debiased, linear.
const std::vector<std::string>& KnownEstimators();

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_ANALYSIS_CONFIG_H_
