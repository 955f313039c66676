// The coordinator's metrics for Prometheus; docs/metrics.md describes each.
#ifndef PROBESWEEP_SERVER_METRICS_SERVER_METRICS_H_
#define PROBESWEEP_SERVER_METRICS_SERVER_METRICS_H_

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/service/observer.h"

namespace probesweep::server {

// Every series that can be named beforehand is there from the start, at 0: a rate over the first event is
// right then. Labels are states, kinds, stages, methods and codes; never a name that somebody chose.
// Thread-safe.
class ServerMetrics : public CoordinatorObserver, public prometheus::Collectable {
 public:
  explicit ServerMetrics(const std::vector<std::string>& rpc_methods);

  void OnGrant(int tasks) override;
  void OnLeaseLost() override;
  void OnStaleCommit() override;
  void OnTaskFailed(FailureKind kind) override;
  void OnReused(int tasks) override;
  void OnDigestConflict() override;
  void OnNondeterminism() override;
  void OnPass(const PassStatistics& statistics) override;
  void OnGauges(const CoordinatorGauges& gauges) override;

  // An RpcObserver (server/rpc/rpc_observer.h) and a StoreObserver (server/store/observed_store.h).
  void OnRpc(const std::string& method, absl::StatusCode code, absl::Duration duration);
  void OnStoreOperation(const char* operation, absl::Duration duration, const absl::Status& status);

  void OnBlobsRemoved(int64_t blobs, int64_t bytes);
  // Of the file system that the data folder is on, in bytes.
  void OnDataSpace(int64_t free, int64_t size);

  // 0: it leads no more.
  void OnLead(int64_t epoch);

  // Asks `depth` for the length of a queue at each scrape, until StopSampling.
  void SampleQueue(const std::string& queue, std::function<size_t()> depth);
  void StopSampling();

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  struct QueueSample {
    prometheus::Gauge* gauge;
    std::function<size_t()> depth;
  };

  prometheus::Counter& AddCounter(const char* name, const char* help);
  void AddStates();
  void AddRpcs(const std::vector<std::string>& methods);
  void AddStages();

  prometheus::Registry registry_;

  std::array<prometheus::Gauge*, 6> tasks_{};    // by TaskState
  std::array<prometheus::Gauge*, 4> sweeps_{};   // by SweepState
  std::array<prometheus::Gauge*, 4> workers_{};  // by WorkerState

  prometheus::Counter& leases_granted_;
  prometheus::Counter& tasks_granted_;
  prometheus::Counter& leases_lost_;
  prometheus::Counter& stale_commits_;
  prometheus::Counter& tasks_reused_;
  prometheus::Counter& digest_conflicts_;
  prometheus::Counter& nondeterminism_;
  prometheus::Counter& tokens_;
  prometheus::Counter& statements_;
  prometheus::Counter& bytes_read_;
  prometheus::Histogram* pass_ = nullptr;
  std::array<prometheus::Histogram*, 5> stages_{};  // load, tokenize, forward, analyse, commit
  prometheus::Family<prometheus::Counter>& failures_;
  prometheus::Family<prometheus::Counter>& rpcs_;
  prometheus::Family<prometheus::Histogram>& rpc_duration_;
  prometheus::Family<prometheus::Histogram>& store_duration_;
  prometheus::Family<prometheus::Counter>& store_errors_;
  prometheus::Family<prometheus::Gauge>& queue_depth_;
  prometheus::Gauge& leadership_epoch_;
  prometheus::Counter& blobs_removed_;
  prometheus::Counter& blob_bytes_removed_;
  prometheus::Gauge& data_free_;
  prometheus::Gauge& data_size_;

  mutable absl::Mutex mutex_;
  std::vector<QueueSample> queues_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_METRICS_SERVER_METRICS_H_
