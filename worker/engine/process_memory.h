#ifndef PROBESWEEP_WORKER_ENGINE_PROCESS_MEMORY_H_
#define PROBESWEEP_WORKER_ENGINE_PROCESS_MEMORY_H_

#include <cstdint>

namespace probesweep::worker {

// Bytes of this process in memory: now, and at most since the last ForgetPeak, or since it began where the
// system does not let it be forgotten. 0 where the system does not say.
int64_t ResidentBytes();
int64_t PeakResidentBytes();
void ForgetPeak();

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ENGINE_PROCESS_MEMORY_H_
