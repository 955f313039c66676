// A coordinator's core on a store in memory, with time that a test moves.
#ifndef PROBESWEEP_TESTS_UNIT_SERVER_SERVICE_CORE_FIXTURE_H_
#define PROBESWEEP_TESTS_UNIT_SERVER_SERVICE_CORE_FIXTURE_H_

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/service/core.h"
#include "tests/support/fake_clock.h"
#include "tests/support/memory_store.h"
#include "tests/support/sample_sweeps.h"
#include "tests/support/status_matchers.h"

namespace probesweep::server {

// Remembers what it is told.
class RecordingObserver : public CoordinatorObserver {
 public:
  void OnGrant(int tasks) override { granted += tasks; }
  void OnLeaseLost() override { ++leases_lost; }
  void OnStaleCommit() override { ++stale_commits; }
  void OnTaskFailed(FailureKind kind) override { failures.push_back(kind); }
  void OnReused(int tasks) override { reused += tasks; }
  void OnDigestConflict() override { ++digest_conflicts; }
  void OnNondeterminism() override { ++nondeterminism; }
  void OnPass(const PassStatistics& statistics) override { passes.push_back(statistics); }
  void OnGauges(const CoordinatorGauges& now) override { gauges = now; }

  int granted = 0, leases_lost = 0, stale_commits = 0, reused = 0, digest_conflicts = 0, nondeterminism = 0;
  std::vector<FailureKind> failures;
  std::vector<PassStatistics> passes;
  CoordinatorGauges gauges;
};

// An answer that may come later.
template <typename T>
class Answered {
 public:
  Reply<T> reply() {
    return [slot = slot_](absl::StatusOr<T> answer) {
      EXPECT_FALSE(slot->has_value()) << "answered twice";
      *slot = std::move(answer);
    };
  }
  bool came() const { return slot_->has_value(); }
  // The test fails when none came.
  absl::StatusOr<T> get() const {
    if (!came()) return absl::UnknownError("no answer came");
    return **slot_;
  }

 private:
  std::shared_ptr<std::optional<absl::StatusOr<T>>> slot_ =
      std::make_shared<std::optional<absl::StatusOr<T>>>();
};

class CoreTest : public ::testing::Test {
 protected:
  CoreTest() {
    options_.engine_version = "engine-1";
    options_.watch_interval = absl::ZeroDuration();
  }
  void SetUp() override { Restart(); }

  // The coordinator's process dies and starts again on the same store.
  void Restart() {
    core_ = std::make_unique<CoordinatorCore>(
        options_, &store_,
        [this](const std::string& digest) { return missing_blobs_.count(digest) == 0 ? 100 : 0; }, &clock_,
        &random_, &observer_);
    EXPECT_OK(core_->Start());
  }

  // Runs one request and the step that answers it.
  template <typename T, typename Call>
  absl::StatusOr<T> Request(Call call) {
    Answered<T> answer;
    call(answer.reply());
    core_->Step();
    return answer.get();
  }

  absl::StatusOr<SweepView> Create(const SweepSpec& spec, int checkpoints, const std::string& request_id) {
    return Request<SweepView>([&](Reply<SweepView> reply) {
      core_->CreateSweep(request_id, spec, testing::SamplePlan(checkpoints), std::move(reply));
    });
  }
  // A sweep of `checkpoints` × {truth, privacy}; its id.
  std::string Submit(int checkpoints = 1, const std::string& request_id = "r") {
    const auto view = Create(testing::SampleSpec(), checkpoints, request_id);
    EXPECT_OK(view);
    return view.ok() ? view->sweep->id : "";
  }
  absl::StatusOr<SweepView> Get(const std::string& id) {
    return Request<SweepView>([&](Reply<SweepView> reply) { core_->GetSweep(id, std::move(reply)); });
  }
  TaskCounts Counts(const std::string& id) {
    const auto view = Get(id);
    EXPECT_OK(view);
    return view.ok() ? view->counts : TaskCounts();
  }
  absl::StatusOr<SweepView> Cancel(const std::string& id) {
    return Request<SweepView>([&](Reply<SweepView> reply) { core_->CancelSweep(id, std::move(reply)); });
  }
  absl::StatusOr<SweepView> Retry(const std::string& id) {
    return Request<SweepView>([&](Reply<SweepView> reply) { core_->RetrySweep(id, std::move(reply)); });
  }
  absl::StatusOr<std::string> Delete(const std::string& id) {
    return Request<std::string>([&](Reply<std::string> reply) { core_->DeleteSweep(id, std::move(reply)); });
  }
  std::vector<Task> Tasks(const std::string& id) {
    const auto page = Request<Page<TaskView>>(
        [&](Reply<Page<TaskView>> reply) { core_->ListTasks(id, 0, "", std::move(reply)); });
    EXPECT_OK(page);
    std::vector<Task> tasks;
    if (page.ok()) {
      for (const TaskView& view : page->items) tasks.push_back(view.task);
    }
    return tasks;
  }
  WorkerView WorkerNow(const std::string& id) {
    const auto views = Request<std::vector<WorkerView>>(
        [&](Reply<std::vector<WorkerView>> reply) { core_->ListWorkers(std::move(reply)); });
    EXPECT_OK(views);
    for (const WorkerView& view : *views) {
      if (view.worker.id == id) return view;
    }
    ADD_FAILURE() << "no worker " << id;
    return {};
  }

  absl::Status Register(const WorkerRef& worker) {
    return Request<RegisterAnswer>([&](Reply<RegisterAnswer> reply) {
             core_->Register({worker, "host", "cpu", "1", "engine-1"}, std::move(reply));
           })
        .status();
  }
  // Parks a poll.
  Answered<LeaseAnswer> Poll(const WorkerRef& worker, absl::Duration wait = absl::Seconds(60)) {
    Answered<LeaseAnswer> answer;
    core_->Lease({worker, wait, {}}, answer.reply());
    core_->Step();
    return answer;
  }
  // A grant that must come at once.
  Grant MustLease(const WorkerRef& worker) {
    const auto answer = Poll(worker).get();
    EXPECT_OK(answer);
    EXPECT_TRUE(answer.ok() && answer->grant.has_value());
    return answer.ok() && answer->grant ? *answer->grant : Grant();
  }
  TaskClaim Claim(const WorkerRef& worker, const Grant& grant, size_t task) {
    const GrantedTask& granted = grant.tasks.at(task);
    granted_[granted.task_id] = Granted(grant, task).provenance;
    return {worker, grant.lease_id, granted.task_id, granted.epoch};
  }
  // A result as the granted task's worker computes it.
  static Outcome Granted(const Grant& grant, size_t task) {
    Outcome outcome = testing::SampleOutcome();
    outcome.provenance.dataset_digest = grant.tasks.at(task).dimension.dataset_digest;
    outcome.provenance.configuration = grant.analysis.Canonical();
    return outcome;
  }
  // Commits the outcome as computed from what the claimed task was granted with.
  absl::StatusOr<CommitAnswer> Commit(const TaskClaim& claim, Outcome outcome = testing::SampleOutcome()) {
    outcome.provenance = granted_[claim.task_id];
    return CommitAsIs(claim, std::move(outcome));
  }
  absl::StatusOr<CommitAnswer> CommitAsIs(const TaskClaim& claim, Outcome outcome) {
    return Request<CommitAnswer>(
        [&](Reply<CommitAnswer> reply) { core_->Commit(claim, std::move(outcome), std::move(reply)); });
  }
  absl::Status Fail(const TaskClaim& claim, FailureKind kind, const std::string& error = "broken") {
    return Request<bool>([&](Reply<bool> reply) {
             core_->Fail(claim, {kind, error}, std::move(reply));
           })
        .status();
  }
  absl::Status Release(const WorkerRef& worker, const std::string& lease_id,
                       const std::optional<PassStatistics>& statistics = {}) {
    return Request<bool>(
               [&](Reply<bool> reply) { core_->Release(worker, lease_id, statistics, std::move(reply)); })
        .status();
  }
  absl::StatusOr<HeartbeatAnswer> Beat(const WorkerRef& worker, const std::vector<LeaseProgress>& leases) {
    return Request<HeartbeatAnswer>([&](Reply<HeartbeatAnswer> reply) {
      core_->Heartbeat({worker, leases}, std::move(reply));
    });
  }
  void Pass(absl::Duration time) {
    clock_.Advance(time);
    core_->Step();
  }

  const WorkerRef w1_{"w1", "i1"};
  const WorkerRef w2_{"w2", "i2"};
  CoreOptions options_;
  testing::ManualClock clock_;
  testing::CountingRandom random_;
  testing::MemoryStore store_;
  RecordingObserver observer_;
  std::set<std::string> missing_blobs_;
  std::map<std::string, Provenance> granted_;  // by task id
  std::unique_ptr<CoordinatorCore> core_;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_TESTS_UNIT_SERVER_SERVICE_CORE_FIXTURE_H_
