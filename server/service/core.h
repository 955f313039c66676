// The coordinator itself: what happens when something is asked or time passes. One thread, no sockets.
#ifndef PROBESWEEP_SERVER_SERVICE_CORE_H_
#define PROBESWEEP_SERVER_SERVICE_CORE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/backoff.h"
#include "common/clock.h"
#include "common/ids.h"
#include "server/scheduling/fair_share.h"
#include "server/scheduling/lease_policy.h"
#include "server/scheduling/planner.h"
#include "server/scheduling/scheduler.h"
#include "server/scheduling/speculation.h"
#include "server/scheduling/work_history.h"
#include "server/service/commands.h"
#include "server/service/fleet.h"
#include "server/service/observer.h"
#include "server/service/state.h"
#include "server/store/store.h"

namespace probesweep::server {

struct CoreOptions {
  LeaseOptions lease;
  SchedulerOptions scheduler;
  RetryPolicy retry;
  // Wait after a transient failure: long enough for a full disk or a reboot to pass.
  BackoffOptions retry_backoff{absl::Seconds(5), absl::Minutes(5), 2.0};
  int64_t max_open_tasks = 1'000'000;               // tasks that are not terminal: about 1 GiB of memory
  absl::Duration max_poll = absl::Seconds(60);      // a lease poll waits at most so long
  absl::Duration forget_workers = absl::Hours(24);  // silent workers are dropped from the list
  absl::Duration store_retry = absl::Seconds(1);    // between attempts to reach a store that failed
  // A watched sweep's progress is told so often at most: faster than eyes follow, and a large fleet's
  // heartbeats do not make an update each. Its end is told at once.
  absl::Duration watch_interval = absl::Milliseconds(250);
  std::string engine_version;  // goes into reuse keys
};

// Requests change memory at once; their replies wait until Step has made the changes durable, all requests
// since the last Step in one transaction. When the store refuses, memory is rebuilt from it and the replies
// say UNAVAILABLE: nothing that was not stored is ever acknowledged.
//
// Not thread-safe. Nothing but `observer` and the replies is called from here; both must return at once.
class CoordinatorCore {
 public:
  // Size of a blob in bytes, 0 when it is not there; asked for datasets and artifacts.
  using BlobSize = std::function<int64_t(const std::string& digest)>;
  CoordinatorCore(CoreOptions options, Store* store, BlobSize blob_size, Clock* clock, RandomSource* random,
                  CoordinatorObserver* observer);

  // Reads the store. Must succeed before anything else is called.
  absl::Status Start();

  // --- What people ask ---
  // `plan`: what the planner made of spec; its error is the answer, unless the request was served before.
  void CreateSweep(const std::string& request_id, const SweepSpec& spec, absl::StatusOr<Plan> plan,
                   Reply<SweepView> reply);
  void GetSweep(const std::string& id, Reply<SweepView> reply);
  void ListSweeps(int page_size, const std::string& page_token, Reply<Page<SweepView>> reply);
  void ListTasks(const std::string& sweep_id, int page_size, const std::string& page_token,
                 Reply<Page<TaskView>> reply);
  void CancelSweep(const std::string& id, Reply<SweepView> reply);
  void RetrySweep(const std::string& id, Reply<SweepView> reply);
  void DeleteSweep(const std::string& id, Reply<std::string> reply);
  void PlanResults(const std::string& sweep_id, const std::vector<std::string>& dimensions,
                   Reply<ResultPlan> reply);
  void ListWorkers(Reply<std::vector<WorkerView>> reply);
  void DrainWorker(const std::string& worker_id, Reply<WorkerView> reply);
  // Calls back with the sweep now and after each change, last with an error when it is gone. The id ends it.
  using Watcher = std::function<void(absl::StatusOr<SweepUpdate>)>;
  uint64_t Watch(const std::string& sweep_id, Watcher watcher);
  void Unwatch(uint64_t watch_id);

  // --- What workers ask ---
  void Register(const RegisterCommand& command, Reply<RegisterAnswer> reply);
  // Answers when there is work, or after the wait. The id ends a poll whose caller went away.
  uint64_t Lease(const LeaseCommand& command, Reply<LeaseAnswer> reply);
  void AbandonPoll(uint64_t poll_id);
  void Heartbeat(const HeartbeatCommand& command, Reply<HeartbeatAnswer> reply);
  void Commit(const TaskClaim& claim, Outcome outcome, Reply<CommitAnswer> reply);
  void Fail(const TaskClaim& claim, const Failure& failure, Reply<bool> reply);
  void Release(const WorkerRef& worker, const std::string& lease_id,
               const std::optional<PassStatistics>& statistics, Reply<bool> reply);

  // --- Time and durability ---
  // Lets time pass, grants work, stores what changed, then delivers replies.
  void Step();
  // When Step must next be called although nobody asks: steady time.
  absl::Duration NextWake() const;
  // OK, or why requests cannot be served: the store cannot be read, or takes no changes.
  const absl::Status& health() const { return broken_.ok() ? refusal_ : broken_; }
  // The coordinator itself stood still for longer than it sleeps: whoever called meanwhile was not heard.
  // Gives every lease a full time to live, since silence says nothing about workers now.
  void ExcuseSilence();
  // Answers everything parked with UNAVAILABLE.
  void Shutdown();

 private:
  template <typename T>
  void Answer(Reply<T> reply, absl::StatusOr<T> answer) {
    outbox_.push_back(
        [reply = std::move(reply), answer = std::move(answer)](const absl::Status& stored) mutable {
          reply(stored.ok() ? std::move(answer) : absl::StatusOr<T>(stored));
        });
  }
  // Runs `event` once what happened so far is stored.
  void AfterStored(std::function<void()> event) { events_.push_back(std::move(event)); }

  absl::Status Reload();
  // Reloads when the last attempt is long enough ago.
  void RecoverStore();
  // Asks a store that refused a change whether it takes changes again, when the last attempt is long enough
  // ago.
  void CheckWritable();
  absl::Status StoreChanges(const ChangeSet& changes);
  absl::StatusOr<SweepView> MakeSweep(const std::string& request_id, const SweepSpec& spec,
                                      absl::StatusOr<Plan> plan);
  absl::StatusOr<SweepEntry*> NeedSweep(const std::string& id);
  // Those of the keys that have an outcome, in the store or on the way to it, each with its
  // checkpoint_digest.
  absl::StatusOr<std::map<std::string, std::string>> KnownOutcomes(const std::vector<std::string>& keys);
  // Marks ready tasks whose key is in `existing` as done.
  void MarkReused(SweepEntry& entry, const std::map<std::string, std::string>& existing);
  // Warns when a task that has just become DONE is of other weights than the checkpoint's first one.
  void CompareDigests(const TaskRef& done);
  absl::Status CheckClaim(const TaskClaim& claim, const TaskRef& ref, bool& repeated);
  absl::StatusOr<CommitAnswer> StoreOutcome(const TaskClaim& claim, Outcome outcome);
  // Raises an alarm when the result of a copy that came too late is not what is stored.
  void CompareWithStored(const TaskClaim& late, const Outcome& outcome, const Task& task);
  absl::Status StoreFailure(const TaskClaim& claim, const Failure& failure);
  void LoseLease(const std::string& lease_id, const std::string& why);
  // Returns unfinished tasks; `statistics`: of the pass, when it is over.
  void GiveBack(const std::string& lease_id, const std::optional<PassStatistics>& statistics);
  void EndLeases();
  void EndPolls();
  void Schedule();
  SchedulerSnapshot Snapshot();
  SweepDemand DemandOf(const SweepEntry& entry) const;
  ReadyGroup GroupOf(const SweepEntry& entry, int checkpoint) const;
  // Gives copies of slow leases to workers that would idle.
  void Speculate();
  std::vector<RunningLease> CopyableLeases() const;
  enum class GrantKind { kFirst, kCopy };
  void GrantTo(const GrantDecision& decision, GrantKind kind);
  Grant MakeGrant(const SweepEntry& sweep, const probesweep::server::Lease& lease) const;
  // Ends the process when a transition that cannot fail does: memory is wrong then, and the store is right.
  void Must(const absl::Status& status) const;
  void Notify(const absl::flat_hash_set<std::string>& touched);
  void AnswerPoll(ParkedPoll poll, absl::StatusOr<LeaseAnswer> answer);
  void PublishGauges();
  SweepUpdate UpdateOf(const SweepEntry& entry) const;
  WorkerView Complete(WorkerView view) const;

  const CoreOptions options_;
  Store* const store_;
  const BlobSize blob_size_;
  Clock* const clock_;
  RandomSource* const random_;
  CoordinatorObserver* const observer_;

  CoordinatorState state_;
  Fleet fleet_;
  FairShare fair_share_;
  WorkHistory history_;
  // Steady time from which on a lease may be slow enough for a copy.
  absl::Duration next_copy_ = -absl::InfiniteDuration();
  uint64_t next_id_ = 1;  // of polls and watches
  struct Watch_ {
    std::string sweep_id;
    Watcher watcher;
    bool pending = true;                                    // something is to be told
    absl::Duration not_before = -absl::InfiniteDuration();  // steady
    std::optional<SweepState> told;
  };
  std::map<uint64_t, Watch_> watches_;

  // Since the last Step.
  std::vector<absl::AnyInvocable<void(const absl::Status&)>> outbox_;
  std::vector<std::function<void()>> events_;
  std::vector<std::pair<std::string, Outcome>> new_outcomes_;
  std::map<std::string, Worker> changed_workers_;
  std::vector<std::string> forgotten_workers_;

  absl::Status broken_;   // why the store cannot be read
  absl::Status refusal_;  // why the store took no changes when last asked
  absl::Duration next_store_attempt_, next_write_check_;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_SERVICE_CORE_H_
