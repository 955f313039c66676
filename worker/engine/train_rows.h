// What of the protocols' ways plans need to know.
#ifndef PROBESWEEP_WORKER_ENGINE_TRAIN_ROWS_H_
#define PROBESWEEP_WORKER_ENGINE_TRAIN_ROWS_H_

#include <algorithm>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace probesweep::worker {

// Rows that a protocol trains on, of `statements`; whole groups may make it a few more or less.
inline int64_t TrainRows(absl::string_view protocol, int64_t statements) {
  return protocol == "paper" ? statements / 2 * 4 / 5 : statements * 4 / 5;
}

// Whether a probe's steps are found by conjugate gradients rather than by a factor: as
// worker/analysis/newton_probe.cc decides.
inline bool NewtonIsTruncated(int64_t rows, int64_t hidden) {
  constexpr int64_t kLargestDense = 1024;
  return std::min(rows, hidden) > kLargestDense;
}

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ENGINE_TRAIN_ROWS_H_
