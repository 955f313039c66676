// Activations that are no numbers, and whose fault they are.
#ifndef PROBESWEEP_WORKER_EXEC_FINITE_H_
#define PROBESWEEP_WORKER_EXEC_FINITE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "worker/checkpoint/weight_source.h"
#include "worker/model/model.h"

namespace probesweep::worker {

// False when an entry is NaN or infinite; one pass over the memory.
bool AllFinite(const at::Tensor& x);

// DATA_LOSS when a logit is not finite, whose block's output was.
absl::Status CheckLogits(const at::Tensor& logits);

// DATA_LOSS for a block whose output is not finite: names the layer, and the first of its tensors that is not
// finite either. Reads the block's tensors again.
absl::Status ExplainNonFinite(const Model& model, int64_t layer, WeightSource& weights);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_EXEC_FINITE_H_
