#ifndef PROBESWEEP_WORKER_ANALYSIS_STANDARDIZE_H_
#define PROBESWEEP_WORKER_ANALYSIS_STANDARDIZE_H_

#include <ATen/core/Tensor.h>

namespace probesweep::worker {

struct Standardized {
  at::Tensor values;  // fp64 [rows, features]
  at::Tensor mean;    // fp64 [features]
  at::Tensor scale;   // fp64 [features]: standard deviation (ddof 1), 0 for a constant feature

  // Other rows by the same mean and scale: fp64, like `values`. A feature that was constant becomes 0.
  at::Tensor Apply(const at::Tensor& x) const;
};

// (x − mean) / std over all rows; a constant feature becomes 0. `x`: [rows, features], at least two rows.
Standardized Standardize(const at::Tensor& x);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_STANDARDIZE_H_
