#include "worker/model/embedding_table.h"

#include <ATen/ATen.h>

#include <utility>

namespace probesweep::worker {
namespace {

// Adds to each row of `x` [tokens, hidden] the row of `positions` that is its position's.
void AddPositions(const at::Tensor& positions, const PackedLayout& layout, at::Tensor& x) {
  int64_t first = 0;
  for (const LengthRun& run : layout.runs) {
    const int64_t rows = run.statements * run.length;
    x.narrow(0, first, rows)
        .view({run.statements, run.length, x.size(1)})
        .add_(positions.narrow(0, run.start, run.length));
    first += rows;
  }
}

}  // namespace

EmbeddingTable::EmbeddingTable(EmbeddingTableWeights weights) : weights_(std::move(weights)) {}

at::Tensor EmbeddingTable::Forward(const at::Tensor& ids, const PackedLayout& layout) const {
  at::Tensor x = weights_.tokens.index_select(0, ids);
  if (weights_.projection) x = (*weights_.projection)(x);
  if (weights_.positions.defined()) AddPositions(weights_.positions, layout, x);
  if (weights_.norm) x = (*weights_.norm)(x);
  return x;
}

}  // namespace probesweep::worker
