// Time as a constructor argument: wall time for what is stored and shown, steady time for durations.
#ifndef PROBESWEEP_COMMON_CLOCK_H_
#define PROBESWEEP_COMMON_CLOCK_H_

#include "absl/time/time.h"

namespace probesweep {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Wall time: may jump.
  virtual absl::Time Now() const = 0;
  // Time since an arbitrary start: never goes back, keeps its pace.
  virtual absl::Duration Steady() const = 0;

  // The system's clocks; lives as long as the process.
  static Clock* System();
};

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_CLOCK_H_
