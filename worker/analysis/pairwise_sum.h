#ifndef PROBESWEEP_WORKER_ANALYSIS_PAIRWISE_SUM_H_
#define PROBESWEEP_WORKER_ANALYSIS_PAIRWISE_SUM_H_

#include <cstddef>

namespace probesweep::worker {

// The sum in NumPy's order (halves, then eight running sums below 128 numbers): to the same bits as
// numpy.sum.
double PairwiseSum(const double* values, size_t count);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_PAIRWISE_SUM_H_
