// One analysis configuration: what a sweep's author may choose about how representations become numbers.
#ifndef PROBESWEEP_COMMON_ANALYSIS_CONFIG_H_
#define PROBESWEEP_COMMON_ANALYSIS_CONFIG_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace probesweep {

struct AnalysisConfig {
  std::vector<std::string> protocols = {"released"};  // see KnownProtocols()
  double probe_c = 1.0;                 // inverse strength of the probe's L2 penalty (scikit-learn's C)
  double hsic_sigma = 50.0;             // K = exp(−D / (2 σ² dim))
  double hsic_epsilon = 1e-5;           // R = Kc (Kc + ε m I)⁻¹
  bool keep_probes = true;              // artifacts: probe weights
  bool keep_steering_vectors = true;    // artifacts: steering vectors

  // One line that differs whenever a result may differ; part of the reuse key. Doubles in shortest form that
  // reads back exactly.
  std::string Canonical() const;

  // Errors: INVALID_ARGUMENT naming the field, with the nearest valid protocol name.
  absl::Status Validate() const;
};

// "released" today.
const std::vector<std::string>& KnownProtocols();

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_ANALYSIS_CONFIG_H_
