// What a forward pass has to multiply, and how fast this machine multiplies it.
#ifndef PROBESWEEP_BENCH_ENGINE_MATRIX_PRODUCTS_H_
#define PROBESWEEP_BENCH_ENGINE_MATRIX_PRODUCTS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/checkpoint/weight_source.h"
#include "worker/exec/compute_pool.h"
#include "worker/model/model.h"

namespace probesweep::worker {

// A weight matrix of a block, [out, in].
struct BlockMatrix {
  int64_t out = 0, in = 0;
  bool before_attention = false;  // of queries, keys and values: the last block needs it for every token
};

// The matrices of block 0, which all blocks share their shapes with. Dense blocks only: of experts each would
// count for every token. Errors: DATA_LOSS (a tensor without a shape).
absl::StatusOr<std::vector<BlockMatrix>> BlockMatrices(const Model& model, const WeightSource& weights);

// Floating-point operations of the products with these matrices in `layers` blocks, two for each
// multiplication and addition. Attention's own products are left out: below 1 % for short statements.
double ProductOperations(const std::vector<BlockMatrix>& matrices, int64_t layers, int64_t tokens);
// The same when of the last block only `last_tokens` tokens go on behind attention.
double ProductOperations(const std::vector<BlockMatrix>& matrices, int64_t layers, int64_t tokens,
                         int64_t last_tokens);

// Operations a second.
struct OperationRate {
  double wall = 0;  // of all cores together
  double processor =
      0;  // of a second that a core spent on them: what others take of the machine does not show
};

// The rate of these products in fp32, for chunks of `rows` tokens, each core of the pool at its own product
// as in a pass. Takes about `seconds`. Errors: those of RunTorch.
absl::StatusOr<OperationRate> ProductRate(const std::vector<BlockMatrix>& matrices, int64_t rows,
                                          double seconds, ComputePool& pool);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_BENCH_ENGINE_MATRIX_PRODUCTS_H_
