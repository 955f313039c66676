// What this machine does in a second, found by doing it for a moment.
#ifndef PROBESWEEP_WORKER_EXEC_MACHINE_RATES_H_
#define PROBESWEEP_WORKER_EXEC_MACHINE_RATES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "worker/checkpoint/weight_source.h"
#include "worker/exec/compute_pool.h"
#include "worker/model/check_weights.h"

namespace probesweep::worker {

// FLOP in a second of fp32 matrix products on one core while all threads of the pool make them: what a pass
// is measured by. Takes `duration` and a little more, on an idle pool. Errors: those of RunTorch.
absl::StatusOr<double> MeasureSgemmRate(ComputePool* pool, absl::Duration duration);

// Bytes in a second of reading these tensors as a pass does, until all are read or `at_most` is over; what
// lies in the page cache counts as it will for a pass. Errors: as WeightSource::Read, those of RunTorch;
// FAILED_PRECONDITION when there was nothing to read.
absl::StatusOr<double> MeasureReadRate(WeightSource& weights, const std::vector<WeightTensor>& tensors,
                                       absl::Duration at_most);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_EXEC_MACHINE_RATES_H_
