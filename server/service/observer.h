#ifndef PROBESWEEP_SERVER_SERVICE_OBSERVER_H_
#define PROBESWEEP_SERVER_SERVICE_OBSERVER_H_

#include <array>
#include <cstdint>

#include "server/domain/task.h"
#include "server/service/commands.h"

namespace probesweep::server {

// How things stand, for gauges.
struct CoordinatorGauges {
  std::array<int64_t, 6> tasks{};    // by TaskState
  std::array<int64_t, 4> sweeps{};   // by SweepState
  std::array<int64_t, 4> workers{};  // by WorkerState
};

// What happens in the coordinator, told after it became durable. Called on the coordinator's thread; must
// return at once.
class CoordinatorObserver {
 public:
  virtual ~CoordinatorObserver() = default;
  virtual void OnGrant(int tasks) = 0;
  virtual void OnLeaseLost() = 0;
  virtual void OnStaleCommit() = 0;
  virtual void OnTaskFailed(FailureKind kind) = 0;
  virtual void OnReused(int tasks) = 0;
  // A result's weights are not those of an earlier result of the same checkpoint and sweep.
  virtual void OnDigestConflict() = 0;
  // A task's copy gave other numbers than the result that is kept.
  virtual void OnNondeterminism() = 0;
  virtual void OnPass(const PassStatistics& statistics) = 0;
  virtual void OnGauges(const CoordinatorGauges& gauges) = 0;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_SERVICE_OBSERVER_H_
