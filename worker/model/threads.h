#ifndef PROBESWEEP_WORKER_MODEL_THREADS_H_
#define PROBESWEEP_WORKER_MODEL_THREADS_H_

namespace probesweep::worker {

// Cores that this process may run on.
int UsableCores();

// Makes ATen and the BLAS beneath it run every operation on the thread that calls it.
void UseOneThreadPerOperation();

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_THREADS_H_
