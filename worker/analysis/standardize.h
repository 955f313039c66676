#ifndef PROBESWEEP_WORKER_ANALYSIS_STANDARDIZE_H_
#define PROBESWEEP_WORKER_ANALYSIS_STANDARDIZE_H_

#include <ATen/core/Tensor.h>

namespace probesweep::worker {

struct Standardized {
  at::Tensor values;  // fp64 [rows, features]
  at::Tensor mean;    // fp64 [features]
  at::Tensor scale;   // fp64 [features]: standard deviation (ddof 1)
};

// (x − mean) / std over all rows; a constant feature becomes 0. `x`: [rows, features], at least two rows.
Standardized Standardize(const at::Tensor& x);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_STANDARDIZE_H_
