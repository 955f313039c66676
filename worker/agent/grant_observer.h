#ifndef PROBESWEEP_WORKER_AGENT_GRANT_OBSERVER_H_
#define PROBESWEEP_WORKER_AGENT_GRANT_OBSERVER_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "worker/agent/lease_keeper.h"
#include "worker/agent/publisher.h"
#include "worker/engine/pass.h"

namespace probesweep::worker {

// Publishes each dimension of a grant's pass as the engine reports it. A pass has a dimension for each task
// whose dataset could be had, in their order.
class GrantObserver : public PassObserver {
 public:
  struct Tools {
    std::string worker_id;  // for the log
    LeaseKeeper* leases;
    Publisher* publisher;
    Clock* clock;
    std::function<bool()> stopped;  // whether the worker must stop
  };
  GrantObserver(Tools tools, const v1::Grant& grant)
      : tools_(std::move(tools)), grant_(grant), reported_(static_cast<size_t>(grant.tasks_size()), false) {}

  // The next dimension of the pass is that of the grant's task `index`.
  void AddDimension(int index);
  // Task `index` of the grant has ended.
  void EndTask(int index, absl::StatusOr<DimensionResult> result);
  // The pass itself failed: so did every dimension that it had not reported.
  void FailRest(const absl::Status& status);

  void OnProgress(int layers_done, int layers_total) override;
  void OnStep() override { tools_.leases->CountStep(grant_.lease_id()); }
  void OnDimension(int index, absl::StatusOr<DimensionResult> result) override;
  // Also when no task of the grant is wanted any more.
  bool Cancelled() override;

  // What the pass waited until its outcomes were taken over.
  absl::Duration publishing_time() const { return publishing_time_; }

 private:
  const Tools tools_;
  const v1::Grant& grant_;
  std::vector<int> tasks_;      // of the pass's dimensions
  std::vector<bool> reported_;  // by task
  absl::Duration publishing_time_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_AGENT_GRANT_OBSERVER_H_
