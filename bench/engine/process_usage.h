// What this process has used so far.
#ifndef PROBESWEEP_BENCH_ENGINE_PROCESS_USAGE_H_
#define PROBESWEEP_BENCH_ENGINE_PROCESS_USAGE_H_

#include <sys/resource.h>

namespace probesweep::worker {

// Processor seconds of all threads, user and system.
inline double ProcessorSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

inline double PeakMebibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace probesweep::worker

#endif  // PROBESWEEP_BENCH_ENGINE_PROCESS_USAGE_H_
