#ifndef PROBESWEEP_SERVER_HOUSEKEEPING_H_
#define PROBESWEEP_SERVER_HOUSEKEEPING_H_

#include <atomic>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/clock.h"
#include "common/repeating_task.h"
#include "server/metrics/server_metrics.h"
#include "server/store/blob_store.h"
#include "server/store/store.h"

namespace probesweep::server {

struct HousekeepingOptions {
  absl::Duration collect_interval = absl::Hours(1);
  // Uploads may belong to a sweep or a commit on its way; a worker sends again what went too early.
  absl::Duration blob_age = absl::Hours(24);
  absl::Duration measure_interval = absl::Seconds(15);  // as often as Prometheus asks
};

// What a leader does now and then beside its work: it removes blobs that nothing refers to, and measures the
// disk of the data folder. On threads of its own: both may wait long for a disk, and scrapes and calls must
// not.
class Housekeeping {
 public:
  // All outlive it.
  struct Parts {
    std::string data_folder;
    Store* store = nullptr;
    BlobStore* blobs = nullptr;
    Clock* clock = nullptr;
    ServerMetrics* metrics = nullptr;
  };
  Housekeeping(const HousekeepingOptions& options, Parts parts);
  // Waits for what is in progress, which ends at its next blob.
  ~Housekeeping();
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

 private:
  void Collect();
  void Measure();

  const HousekeepingOptions options_;
  const Parts parts_;
  std::atomic<bool> stopping_{false};
  std::unique_ptr<RepeatingTask> measurements_, collections_;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_HOUSEKEEPING_H_
