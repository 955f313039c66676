#include "worker/model/last_tokens.h"

#include <ATen/ATen.h>

#include <vector>

#include "worker/model/row_index.h"

namespace probesweep::worker {

at::Tensor LastTokenRows(const at::Tensor& packed, const PackedLayout& layout) {
  if (layout.shared != nullptr) return packed.index_select(0, RowIndex(layout.shared->last_row));
  std::vector<int64_t> rows;
  int64_t next = 0;
  for (const LengthRun& run : layout.runs) {
    for (int64_t i = 0; i < run.statements; ++i) {
      next += run.length;
      rows.push_back(next - 1);
    }
  }
  return packed.index_select(0, RowIndex(rows));
}

}  // namespace probesweep::worker
