#ifndef PROBESWEEP_WORKER_MODEL_ROW_INDEX_H_
#define PROBESWEEP_WORKER_MODEL_ROW_INDEX_H_

#include <cstdint>
#include <vector>

namespace at {
class Tensor;
}

namespace probesweep::worker {

// `rows` as an index for index_select, without a copy: they must outlive it.
at::Tensor RowIndex(const std::vector<int64_t>& rows);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_ROW_INDEX_H_
