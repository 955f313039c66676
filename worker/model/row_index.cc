#include "worker/model/row_index.h"

#include <ATen/ATen.h>

namespace probesweep::worker {

at::Tensor RowIndex(const std::vector<int64_t>& rows) {
  return at::from_blob(const_cast<int64_t*>(rows.data()), {static_cast<int64_t>(rows.size())},
                       at::TensorOptions().dtype(at::kLong));
}

}  // namespace probesweep::worker
