// The control task (Hewitt & Liang, 2019): what the probe scores on labels that mean nothing.
#ifndef PROBESWEEP_WORKER_ANALYSIS_CONTROL_TASK_H_
#define PROBESWEEP_WORKER_ANALYSIS_CONTROL_TASK_H_

#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

#include "dataset/split.h"
#include "worker/analysis/permutations.h"

namespace probesweep::worker {

struct ControlLabels {
  at::Tensor train;       // fp64 [train rows], both labels present
  std::vector<int> test;  // of the test rows
};

// The labels of all rows in a drawn order, by the split's rows; drawn again while the train rows have one
// label. Nothing when 100 draws do not mend that.
std::optional<ControlLabels> DrawControlLabels(const std::vector<int>& labels,
                                               const RowPermutations& permutations, const Split& split,
                                               SeededRandom& random);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_CONTROL_TASK_H_
