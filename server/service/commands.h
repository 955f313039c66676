// What the coordinator is asked and what it answers, in its own words.
#ifndef PROBESWEEP_SERVER_SERVICE_COMMANDS_H_
#define PROBESWEEP_SERVER_SERVICE_COMMANDS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/outcome.h"
#include "server/domain/sweep.h"
#include "server/domain/task.h"
#include "server/domain/worker.h"

namespace probesweep::server {

// Called exactly once, on the coordinator's thread: must return at once.
template <typename T>
using Reply = absl::AnyInvocable<void(absl::StatusOr<T>)>;

// A worker's process.
struct WorkerRef {
  std::string id;
  std::string incarnation;
};

struct RegisterCommand {
  WorkerRef worker;
  std::string host, device, version, engine_version;
};
struct RegisterAnswer {
  absl::Duration heartbeat, lease_ttl;
};

struct LeaseCommand {
  WorkerRef worker;
  absl::Duration wait;
  std::vector<std::string> cached_paths;
};
struct GrantedTask {
  std::string task_id;
  int64_t epoch = 0;
  Dimension dimension;
};
struct Grant {
  std::string lease_id;
  std::string sweep_id;
  std::string model;
  Checkpoint checkpoint;
  AnalysisConfig analysis;
  std::vector<GrantedTask> tasks;
  absl::Duration ttl;
};
struct LeaseAnswer {
  std::optional<Grant> grant;
  bool drain = false;
};

struct LeaseProgress {
  std::string lease_id;
  int layers_done = 0;
  int layers_total = 0;
  int64_t steps = 0;
};
struct HeartbeatCommand {
  WorkerRef worker;
  std::vector<LeaseProgress> leases;
};
struct HeartbeatAnswer {
  std::vector<std::string> renewed_lease_ids;
  std::vector<std::string> revoked_task_ids;
  bool drain = false;
};

// Names one lease of one task; fences what a worker says about it.
struct TaskClaim {
  WorkerRef worker;
  std::string lease_id;
  std::string task_id;
  int64_t epoch = 0;
};
struct CommitAnswer {
  bool already_committed = false;
};
struct Failure {
  FailureKind kind = FailureKind::kTransient;
  std::string error;
};

// What a pass cost, as its worker says.
struct PassStatistics {
  absl::Duration load, tokenize, forward, analyse, commit;
  int64_t tokens = 0;
  int64_t statements = 0;
  int64_t bytes_read = 0;
};

struct SweepView {
  std::shared_ptr<const Sweep> sweep;
  TaskCounts counts;
  SweepState state() const { return StateOf(counts); }
};
struct TaskView {
  Task task;
  std::string checkpoint, dimension;  // names
};
struct WorkerView {
  Worker worker;
  WorkerState state = WorkerState::kIdle;
  absl::Time last_seen;
  std::string sweep_id, checkpoint;  // what it holds; empty when idle
  int layers_done = 0;
  int layers_total = 0;
};
struct SweepUpdate {
  SweepView view;
  std::vector<WorkerView> workers;  // those that hold tasks of the sweep
};

template <typename T>
struct Page {
  std::vector<T> items;
  std::string next_token;  // empty: that was all
};

// Where the results of a sweep's finished tasks are, in planned order.
struct ResultPlan {
  struct Entry {
    int checkpoint = 0;
    int dimension = 0;
    std::string reuse_key;
  };
  std::shared_ptr<const Sweep> sweep;
  std::vector<Entry> entries;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_SERVICE_COMMANDS_H_
