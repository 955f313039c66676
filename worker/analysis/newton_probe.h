// Newton's method for the probe's unique optimum.
#ifndef PROBESWEEP_WORKER_ANALYSIS_NEWTON_PROBE_H_
#define PROBESWEEP_WORKER_ANALYSIS_NEWTON_PROBE_H_

#include <ATen/core/Tensor.h>

#include "absl/status/statusor.h"
#include "worker/analysis/logistic_probe.h"

namespace probesweep::worker {

// See FitLogisticProbe, which checks the arguments first.
absl::StatusOr<Probe> FitExactProbe(const at::Tensor& features, const at::Tensor& labels, double c);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_NEWTON_PROBE_H_
