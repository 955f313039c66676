#ifndef PROBESWEEP_WORKER_MODEL_ALIBI_H_
#define PROBESWEEP_WORKER_MODEL_ALIBI_H_

#include <cstdint>

namespace at {
class Tensor;
}

namespace probesweep::worker {

// Each head's slope in attention with linear biases (Press et al., arXiv 2108.12409, section 3): fp32
// [heads].
at::Tensor AlibiSlopes(int64_t heads);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_ALIBI_H_
