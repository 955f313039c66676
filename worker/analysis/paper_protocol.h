#ifndef PROBESWEEP_WORKER_ANALYSIS_PAPER_PROTOCOL_H_
#define PROBESWEEP_WORKER_ANALYSIS_PAPER_PROTOCOL_H_

#include <memory>

#include "absl/status/statusor.h"
#include "dataset/split.h"
#include "worker/analysis/protocol.h"

namespace probesweep::worker {

// What the paper's text says (Qian et al., arXiv 2402.19465), where the published code differs: a seeded
// random split into develop and test rows 1:1, the former 4:1 into train and validation; standardised on the
// train rows; the mutual information is the biased HSIC of train rows; the steering vector is the difference
// of the train rows' means, unscaled.
absl::StatusOr<std::unique_ptr<Protocol>> CreatePaperProtocol(const ProtocolInput& input,
                                                              const SurfaceBaselines& surface);

// Errors: those of SplitAsPaper.
absl::StatusOr<PaperSplit> PaperSplitOf(const ProtocolInput& input);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_PAPER_PROTOCOL_H_
