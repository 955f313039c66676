// Attention with linear biases (Press et al., arXiv 2108.12409, section 3).
#ifndef PROBESWEEP_WORKER_MODEL_ALIBI_H_
#define PROBESWEEP_WORKER_MODEL_ALIBI_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace probesweep::worker {

// Each head's slope: fp32 [heads].
at::Tensor AlibiSlopes(int64_t heads);

struct AlibiOptions {
  bool rounded = false;  // slopes, positions and their products to bf16, whatever the model computes in
  double divisor = 1;    // of the products
};

struct Alibi {
  at::Tensor slopes;  // fp32 [heads]
  AlibiOptions options;

  // What is added to each head's scores of the keys at positions 0, 1, …: fp32 [heads, keys].
  at::Tensor Biases(int64_t keys) const;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_ALIBI_H_
