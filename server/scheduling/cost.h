// What work is estimated to cost, in seconds of a nominal worker: the unit in which sweeps share the fleet.
// Pure functions.
//
//   pass = 1 s + bytes of the checkpoint / 1 GB/s                               reading the weights, once a
//   grant task = 1 s + 2 · parameters · tokens / 10 TFLOP/s                           forward over its
//   statements
//          with 2 bytes a parameter and 4 bytes of dataset a token
//
// Only ratios count, and measured pass times correct them (work_history.h).
#ifndef PROBESWEEP_SERVER_SCHEDULING_COST_H_
#define PROBESWEEP_SERVER_SCHEDULING_COST_H_

#include <cstdint>

namespace probesweep::server {

// `checkpoint_bytes`, `dataset_bytes`: 0 when not known; a model of a billion parameters and a dataset of
// usual size stand in for them.
double PassCost(int64_t checkpoint_bytes);
double TaskCost(int64_t checkpoint_bytes, int64_t dataset_bytes);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_SCHEDULING_COST_H_
