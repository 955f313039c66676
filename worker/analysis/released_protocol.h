#ifndef PROBESWEEP_WORKER_ANALYSIS_RELEASED_PROTOCOL_H_
#define PROBESWEEP_WORKER_ANALYSIS_RELEASED_PROTOCOL_H_

#include <memory>

#include "absl/status/statusor.h"
#include "worker/analysis/protocol.h"

namespace probesweep::worker {

// The method of the published code (Qian et al., arXiv 2402.19465), in fp64 and at the probe's optimum:
// standardised over all rows, the first ⌊0.8 n⌋ train, the rest test; X of the mutual information is layer
// 0's train rows; steering vectors come from raw representations.
absl::StatusOr<std::unique_ptr<Protocol>> CreateReleasedProtocol(const ProtocolInput& input,
                                                                 const SurfaceBaselines& surface);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_RELEASED_PROTOCOL_H_
