#ifndef PROBESWEEP_WORKER_MODEL_LAST_TOKENS_H_
#define PROBESWEEP_WORKER_MODEL_LAST_TOKENS_H_

#include "worker/model/packed_layout.h"

namespace at {
class Tensor;
}

namespace probesweep::worker {

// The row of each statement's last token: [rows, …] → [statements, …].
at::Tensor LastTokenRows(const at::Tensor& packed, const PackedLayout& layout);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_LAST_TOKENS_H_
