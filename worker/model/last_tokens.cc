#include "worker/model/last_tokens.h"

#include <ATen/ATen.h>

#include <vector>

namespace probesweep::worker {

at::Tensor LastTokenRows(const at::Tensor& packed, const PackedLayout& layout) {
  std::vector<int64_t> rows;
  int64_t next = 0;
  for (const LengthRun& run : layout.runs) {
    for (int64_t i = 0; i < run.statements; ++i) {
      next += run.length;
      rows.push_back(next - 1);
    }
  }
  const at::Tensor index =
      at::from_blob(rows.data(), {static_cast<int64_t>(rows.size())}, at::TensorOptions().dtype(at::kLong));
  return packed.index_select(0, index);
}

}  // namespace probesweep::worker
