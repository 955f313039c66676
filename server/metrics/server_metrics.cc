#include "server/metrics/server_metrics.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "common/version.h"
#include "server/domain/sweep.h"
#include "server/domain/task.h"
#include "server/domain/worker.h"

namespace probesweep::server {
namespace {

using Boundaries = prometheus::Histogram::BucketBoundaries;

// Seconds. A small RPC takes a millisecond, one that waits for the disk ten, a long poll up to a minute.
const Boundaries& RpcBuckets() {
  static const auto* const buckets =
      new Boundaries{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
  return *buckets;
}

// Seconds. A tiny model's stage takes milliseconds, that of a 70B checkpoint the better part of an hour.
const Boundaries& PassBuckets() {
  static const auto* const buckets =
      new Boundaries{0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600};
  return *buckets;
}

constexpr const char* kStages[] = {"load", "tokenize", "forward", "analyse", "commit"};
constexpr const char* kStoreOperations[] = {"load", "commit", "check", "find", "read"};
constexpr FailureKind kFailureKinds[] = {FailureKind::kTransient, FailureKind::kPermanent,
                                         FailureKind::kCheckpointCorrupt, FailureKind::kLeaseLost};
constexpr SweepState kSweepStates[] = {SweepState::kRunning, SweepState::kSucceeded, SweepState::kFailed,
                                       SweepState::kCancelled};

prometheus::Family<prometheus::Counter>& Counters(prometheus::Registry& registry, const char* name,
                                                  const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}
prometheus::Family<prometheus::Gauge>& Gauges(prometheus::Registry& registry, const char* name,
                                              const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}
prometheus::Family<prometheus::Histogram>& Histograms(prometheus::Registry& registry, const char* name,
                                                      const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

std::string CodeName(absl::StatusCode code) { return absl::StatusCodeToString(code); }

}  // namespace

ServerMetrics::ServerMetrics(const std::vector<std::string>& rpc_methods)
    : leases_granted_(AddCounter("probesweep_leases_granted_total", "Leases given to workers.")),
      tasks_granted_(AddCounter("probesweep_tasks_granted_total", "Tasks in the leases given to workers.")),
      leases_lost_(AddCounter("probesweep_leases_lost_total",
                              "Leases that ended without their worker: it died, hung or was restarted.")),
      stale_commits_(AddCounter("probesweep_stale_commits_total",
                                "Commits refused because their lease was no longer the live one.")),
      tasks_reused_(AddCounter("probesweep_tasks_reused_total",
                               "Tasks done without work because the same results were known already.")),
      digest_conflicts_(AddCounter("probesweep_checkpoint_digest_conflicts_total",
                                   "Results from other weights than an earlier one of the same checkpoint.")),
      nondeterminism_(AddCounter("probesweep_nondeterminism_total",
                                 "Copies of tasks that gave other numbers than the result that is kept.")),
      tokens_(AddCounter("probesweep_tokens_total", "Tokens in the passes that workers finished.")),
      statements_(
          AddCounter("probesweep_statements_total", "Statements in the passes that workers finished.")),
      bytes_read_(AddCounter("probesweep_read_bytes_total", "Checkpoint bytes that workers read.")),
      failures_(Counters(registry_, "probesweep_task_failures_total", "Failures of tasks, by kind.")),
      rpcs_(Counters(registry_, "probesweep_rpcs_total", "RPCs answered, by method and status code.")),
      rpc_duration_(Histograms(registry_, "probesweep_rpc_duration_seconds",
                               "Time from an RPC's arrival to its answer, streams and long polls included.")),
      store_duration_(Histograms(registry_, "probesweep_store_operation_duration_seconds",
                                 "Time that an operation of the store took.")),
      store_errors_(
          Counters(registry_, "probesweep_store_errors_total", "Operations that the store refused.")),
      queue_depth_(Gauges(registry_, "probesweep_queue_depth",
                          "What waits inside the coordinator: requests for its thread, jobs for its disks.")),
      leadership_epoch_(Gauges(registry_, "probesweep_leadership_epoch",
                               "Epoch in which this coordinator leads; 0 while it stands by.")
                            .Add({})),
      blobs_removed_(AddCounter("probesweep_blobs_removed_total",
                                "Datasets and artifacts removed because nothing refers to them.")),
      blob_bytes_removed_(AddCounter("probesweep_blob_bytes_removed_total", "Bytes that they had.")),
      data_free_(Gauges(registry_, "probesweep_data_free_bytes",
                        "Free space of the file system that the data folder is on.")
                     .Add({})),
      data_size_(Gauges(registry_, "probesweep_data_size_bytes",
                        "Size of the file system that the data folder is on.")
                     .Add({})) {
  Gauges(registry_, "probesweep_build_info", "1, with the release and the engine's version as labels.")
      .Add({{"version", Version()}, {"engine_version", EngineVersion()}})
      .Set(1);
  AddStates();
  AddStages();
  AddRpcs(rpc_methods);
  for (const FailureKind kind : kFailureKinds) failures_.Add({{"kind", FailureKindName(kind)}});
  for (const char* operation : kStoreOperations) {
    store_duration_.Add({{"operation", operation}}, RpcBuckets());
    store_errors_.Add({{"operation", operation}});
  }
}

prometheus::Counter& ServerMetrics::AddCounter(const char* name, const char* help) {
  return Counters(registry_, name, help).Add({});
}

void ServerMetrics::AddStates() {
  auto& tasks = Gauges(registry_, "probesweep_tasks", "Tasks of all sweeps, by state.");
  for (const TaskState state : kAllTaskStates) {
    tasks_[static_cast<size_t>(state)] = &tasks.Add({{"state", TaskStateName(state)}});
  }
  auto& sweeps = Gauges(registry_, "probesweep_sweeps", "Sweeps, by state.");
  for (const SweepState state : kSweepStates) {
    sweeps_[static_cast<size_t>(state)] = &sweeps.Add({{"state", SweepStateName(state)}});
  }
  auto& workers = Gauges(registry_, "probesweep_workers", "Workers that are known, by state.");
  for (const WorkerState state : kAllWorkerStates) {
    workers_[static_cast<size_t>(state)] = &workers.Add({{"state", WorkerStateName(state)}});
  }
}

void ServerMetrics::AddStages() {
  pass_ = &Histograms(registry_, "probesweep_pass_duration_seconds",
                      "Time that a worker spent on one checkpoint, all stages together.")
               .Add({}, PassBuckets());
  auto& stages = Histograms(registry_, "probesweep_stage_duration_seconds",
                            "Time that a worker spent in one stage of one checkpoint.");
  for (size_t i = 0; i < stages_.size(); ++i) {
    stages_[i] = &stages.Add({{"stage", kStages[i]}}, PassBuckets());
  }
}

void ServerMetrics::AddRpcs(const std::vector<std::string>& methods) {
  for (const std::string& method : methods) {
    rpcs_.Add({{"method", method}, {"code", CodeName(absl::StatusCode::kOk)}});
    rpc_duration_.Add({{"method", method}}, RpcBuckets());
  }
}

void ServerMetrics::OnGrant(int tasks) {
  leases_granted_.Increment();
  tasks_granted_.Increment(tasks);
}

void ServerMetrics::OnLeaseLost() { leases_lost_.Increment(); }
void ServerMetrics::OnStaleCommit() { stale_commits_.Increment(); }
void ServerMetrics::OnReused(int tasks) { tasks_reused_.Increment(tasks); }
void ServerMetrics::OnDigestConflict() { digest_conflicts_.Increment(); }
void ServerMetrics::OnNondeterminism() { nondeterminism_.Increment(); }

void ServerMetrics::OnTaskFailed(FailureKind kind) {
  failures_.Add({{"kind", FailureKindName(kind)}}).Increment();
}

void ServerMetrics::OnPass(const PassStatistics& statistics) {
  const absl::Duration durations[] = {statistics.load, statistics.tokenize, statistics.forward,
                                      statistics.analyse, statistics.commit};
  absl::Duration total;
  for (size_t i = 0; i < stages_.size(); ++i) {
    stages_[i]->Observe(absl::ToDoubleSeconds(durations[i]));
    total += durations[i];
  }
  pass_->Observe(absl::ToDoubleSeconds(total));
  tokens_.Increment(static_cast<double>(statistics.tokens));
  statements_.Increment(static_cast<double>(statistics.statements));
  bytes_read_.Increment(static_cast<double>(statistics.bytes_read));
}

void ServerMetrics::OnGauges(const CoordinatorGauges& gauges) {
  for (size_t i = 0; i < tasks_.size(); ++i) tasks_[i]->Set(static_cast<double>(gauges.tasks[i]));
  for (size_t i = 0; i < sweeps_.size(); ++i) sweeps_[i]->Set(static_cast<double>(gauges.sweeps[i]));
  for (size_t i = 0; i < workers_.size(); ++i) workers_[i]->Set(static_cast<double>(gauges.workers[i]));
}

void ServerMetrics::OnRpc(const std::string& method, absl::StatusCode code, absl::Duration duration) {
  rpcs_.Add({{"method", method}, {"code", CodeName(code)}}).Increment();
  rpc_duration_.Add({{"method", method}}, RpcBuckets()).Observe(absl::ToDoubleSeconds(duration));
}

void ServerMetrics::OnStoreOperation(const char* operation, absl::Duration duration,
                                     const absl::Status& status) {
  store_duration_.Add({{"operation", operation}}, RpcBuckets()).Observe(absl::ToDoubleSeconds(duration));
  // That an outcome is not there is an answer.
  if (!status.ok() && !absl::IsNotFound(status)) store_errors_.Add({{"operation", operation}}).Increment();
}

void ServerMetrics::OnBlobsRemoved(int64_t blobs, int64_t bytes) {
  blobs_removed_.Increment(static_cast<double>(blobs));
  blob_bytes_removed_.Increment(static_cast<double>(bytes));
}

void ServerMetrics::OnDataSpace(int64_t free, int64_t size) {
  data_free_.Set(static_cast<double>(free));
  data_size_.Set(static_cast<double>(size));
}

void ServerMetrics::OnLead(int64_t epoch) { leadership_epoch_.Set(static_cast<double>(epoch)); }

void ServerMetrics::SampleQueue(const std::string& queue, std::function<size_t()> depth) {
  absl::MutexLock lock(&mutex_);
  queues_.push_back({&queue_depth_.Add({{"queue", queue}}), std::move(depth)});
}

void ServerMetrics::StopSampling() {
  absl::MutexLock lock(&mutex_);
  queues_.clear();
}

std::vector<prometheus::MetricFamily> ServerMetrics::Collect() const {
  {
    absl::MutexLock lock(&mutex_);
    for (const QueueSample& queue : queues_) queue.gauge->Set(static_cast<double>(queue.depth()));
  }
  return registry_.Collect();
}

}  // namespace probesweep::server
