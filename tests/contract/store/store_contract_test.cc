#include "tests/contract/store/store_contract.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

void ExpectSame(const Task& read, const Task& task) {
  EXPECT_EQ(read.id, task.id);
  EXPECT_EQ(read.sweep_id, task.sweep_id);
  EXPECT_EQ(read.checkpoint, task.checkpoint);
  EXPECT_EQ(read.dimension, task.dimension);
  EXPECT_EQ(read.reuse_key, task.reuse_key);
  EXPECT_EQ(read.state, task.state);
  EXPECT_EQ(read.epoch, task.epoch);
  EXPECT_EQ(read.generation, task.generation);
  EXPECT_EQ(read.failures, task.failures);
  EXPECT_EQ(read.leases_lost, task.leases_lost);
  EXPECT_EQ(read.lost_by, task.lost_by);
  EXPECT_EQ(read.failure_kind, task.failure_kind);
  EXPECT_EQ(read.error, task.error);
  EXPECT_EQ(read.not_before, task.not_before);
  EXPECT_EQ(read.reused, task.reused);
  for (const auto& [is, was] : {std::pair(&read.lease, &task.lease), std::pair(&read.copy, &task.copy)}) {
    EXPECT_EQ(is->id, was->id);
    EXPECT_EQ(is->worker_id, was->worker_id);
    EXPECT_EQ(is->incarnation, was->incarnation);
    EXPECT_EQ(is->epoch, was->epoch);
  }
}

TEST_P(StoreContract, IsEmptyAtFirst) {
  ASSERT_OK_AND_ASSIGN(const StoredState state, store_->Load());
  EXPECT_THAT(state.sweeps, IsEmpty());
  EXPECT_THAT(state.tasks, IsEmpty());
  EXPECT_THAT(state.workers, IsEmpty());
}

TEST_P(StoreContract, AnEmptyChangeIsFine) { EXPECT_OK(store_->Commit(ChangeSet())); }

TEST_P(StoreContract, KeepsEveryFieldOfASweepAcrossReopening) {
  Sweep sweep = MakeSweep("s", 7, 2);
  sweep.spec.name = "naïve 'quoted'; --";
  sweep.spec.checkpoints = {{"/m/\"x\"\n{1,2}", 5, 600}, {"/n", {}, {}}};
  sweep.spec.dimensions[0].steering_share = 0.1 + 0.2;
  sweep.spec.dimensions[0].group_column = "pair";
  sweep.spec.analysis.hsic_epsilon = 1e-300;
  sweep.spec.analysis.keep_probes = false;
  sweep.spec.priority = Priority::kHigh;
  sweep.spec.weight = 2.5;
  sweep.spec.tokens_per_step = int64_t{1} << 40;
  sweep.checkpoints[0].tokens = std::numeric_limits<int64_t>::max();
  sweep.checkpoints[1].step.reset();
  sweep.checkpoints[1].identity = "";
  sweep.warnings = {"odd: é", ""};
  sweep.end_time = absl::FromUnixMicros(1'800'000'000'000'001);
  ChangeSet changes;
  changes.sweeps = {sweep};
  ASSERT_OK(store_->Commit(changes));
  Reopen();
  ASSERT_OK_AND_ASSIGN(const StoredState state, store_->Load());
  ASSERT_EQ(state.sweeps.size(), 1u);
  const Sweep& read = state.sweeps[0];
  EXPECT_EQ(read.id, "s");
  EXPECT_EQ(read.sequence, 7);
  EXPECT_EQ(read.request_id, "request-s");
  EXPECT_EQ(read.spec_digest, "digest-s");
  EXPECT_EQ(read.spec.name, sweep.spec.name);
  EXPECT_EQ(read.spec.model, "pythia");
  ASSERT_EQ(read.spec.checkpoints.size(), 2u);
  EXPECT_EQ(read.spec.checkpoints[0].pattern, sweep.spec.checkpoints[0].pattern);
  EXPECT_EQ(read.spec.checkpoints[0].step, 5);
  EXPECT_EQ(read.spec.checkpoints[0].tokens, 600);
  EXPECT_EQ(read.spec.checkpoints[1].step, std::nullopt);
  ASSERT_EQ(read.spec.dimensions.size(), 2u);
  EXPECT_EQ(read.spec.dimensions[0].name, "truth");
  EXPECT_EQ(read.spec.dimensions[0].dataset, "truth_set");
  EXPECT_EQ(read.spec.dimensions[0].dataset_digest, Sha256Hex("truth"));
  EXPECT_EQ(read.spec.dimensions[0].label_meaning, "the statement is true");
  EXPECT_EQ(read.spec.dimensions[0].steering_share, 0.1 + 0.2) << "to the last bit";
  EXPECT_EQ(read.spec.dimensions[0].group_column, "pair");
  EXPECT_EQ(read.spec.analysis.Canonical(), sweep.spec.analysis.Canonical());
  EXPECT_EQ(read.spec.priority, Priority::kHigh);
  EXPECT_EQ(read.spec.weight, 2.5);
  EXPECT_EQ(read.spec.tokens_per_step, int64_t{1} << 40);
  ASSERT_EQ(read.checkpoints.size(), 2u);
  EXPECT_EQ(read.checkpoints[0].name, "step0");
  EXPECT_EQ(read.checkpoints[0].path, "/models/step0");
  EXPECT_EQ(read.checkpoints[0].step, 0);
  EXPECT_EQ(read.checkpoints[0].tokens, std::numeric_limits<int64_t>::max());
  EXPECT_EQ(read.checkpoints[0].identity, Sha256Hex("step0"));
  EXPECT_EQ(read.checkpoints[1].step, std::nullopt);
  EXPECT_EQ(read.checkpoints[1].identity, "");
  EXPECT_THAT(read.warnings, ElementsAre("odd: é", ""));
  EXPECT_EQ(read.create_time, sweep.create_time);
  EXPECT_EQ(read.end_time, sweep.end_time);
}

TEST_P(StoreContract, KeepsEveryFieldOfATaskAcrossReopening) {
  ChangeSet changes;
  changes.sweeps = {MakeSweep("s", 1)};
  Task task = MakeTask("s", 3, 1, "key");
  task.state = TaskState::kRetryWait;
  task.epoch = int64_t{1} << 40;
  task.generation = 2;
  task.failures = 1;
  task.leases_lost = 2;
  task.lost_by = {"w'1", "w2"};
  task.failure_kind = FailureKind::kTransient;
  task.error = "line 1\nline 'two' é";
  task.not_before = absl::FromUnixMicros(1'700'000'000'000'001);
  task.lease = {"lease", "w1", "i1", 6};
  task.copy = {"copy", "w2", "i2", 7};
  Task done = MakeTask("s", 3, 2, "key");
  done.state = TaskState::kDone;
  done.reused = true;
  changes.tasks = {task, done};
  ASSERT_OK(store_->Commit(changes));
  Reopen();
  ASSERT_OK_AND_ASSIGN(const StoredState state, store_->Load());
  ASSERT_EQ(state.tasks.size(), 2u);
  ExpectSame(state.tasks[0], task);
  EXPECT_TRUE(state.tasks[1].reused);
  EXPECT_EQ(state.tasks[1].not_before, absl::InfinitePast());
}

TEST_P(StoreContract, AChangedTaskOrSweepReplacesTheFormerOne) {
  ChangeSet changes;
  Sweep sweep = MakeSweep("s", 1);
  Task task = MakeTask("s", 0, 0, "key");
  changes.sweeps = {sweep};
  changes.tasks = {task};
  ASSERT_OK(store_->Commit(changes));
  for (const std::optional<absl::Time>& end :
       {std::optional(absl::FromUnixSeconds(99)), std::optional<absl::Time>()}) {
    sweep.end_time = end;
    task.state = end ? TaskState::kQuarantined : TaskState::kReady;
    ++task.epoch;
    ++task.generation;
    ++task.failures;
    ++task.leases_lost;
    task.lost_by.push_back("w");
    task.failure_kind = end ? FailureKind::kPermanent : FailureKind::kNone;
    task.error += "e";
    task.not_before = absl::FromUnixSeconds(task.epoch);
    task.reused = end.has_value();
    for (TaskLease* lease : {&task.lease, &task.copy}) {
      lease->id += "l";
      lease->worker_id += "w";
      lease->incarnation += "i";
      ++lease->epoch;
    }
    changes.sweeps = {sweep};
    changes.tasks = {task};
    ASSERT_OK(store_->Commit(changes));
    ASSERT_OK_AND_ASSIGN(const StoredState state, store_->Load());
    ASSERT_EQ(state.sweeps.size(), 1u);
    ASSERT_EQ(state.tasks.size(), 1u);
    EXPECT_EQ(state.sweeps[0].end_time, end);
    ExpectSame(state.tasks[0], task);
  }
}

TEST_P(StoreContract, LoadsSweepsBySequenceAndTasksInPlannedOrder) {
  ChangeSet changes;
  changes.sweeps = {MakeSweep("a", 10), MakeSweep("b", 9)};
  for (const auto& [sweep, checkpoint, dimension] :
       {std::tuple("b", 0, 0), std::tuple("a", 10, 0), std::tuple("a", 2, 1), std::tuple("a", 2, 0)}) {
    changes.tasks.push_back(MakeTask(sweep, checkpoint, dimension, "k"));
  }
  ASSERT_OK(store_->Commit(changes));
  ASSERT_OK_AND_ASSIGN(const StoredState state, store_->Load());
  ASSERT_EQ(state.sweeps.size(), 2u);
  EXPECT_EQ(state.sweeps[0].id, "b");
  std::vector<std::string> ids;
  for (const Task& task : state.tasks) ids.push_back(task.id);
  EXPECT_THAT(ids, ElementsAre("a-2-0", "a-2-1", "a-10-0", "b-0-0"));
}

TEST_P(StoreContract, AChangeThatCannotBeKeptLeavesNothingAndTheStoreGoesOn) {
  ChangeSet changes;
  changes.sweeps = {MakeSweep("s", 1)};
  changes.outcomes = {{"key", testing::SampleOutcome()}};
  changes.workers.resize(1);
  changes.workers[0].id = "w";
  changes.tasks = {MakeTask("s", 0, 0, "key"), MakeTask("nobody", 0, 0, "key")};
  EXPECT_STATUS(store_->Commit(changes), kUnavailable, "");
  ASSERT_OK_AND_ASSIGN(const StoredState state, store_->Load());
  EXPECT_THAT(state.sweeps, IsEmpty());
  EXPECT_THAT(state.tasks, IsEmpty());
  EXPECT_THAT(state.workers, IsEmpty());
  ASSERT_OK_AND_ASSIGN(const auto existing, store_->ExistingOutcomes({"key"}));
  EXPECT_THAT(existing, IsEmpty());
  changes.tasks.pop_back();
  EXPECT_OK(store_->Commit(changes));
}

// More than what is converted, or sent, at a time.
TEST_P(StoreContract, ALargeChangeIsKeptWholeOrNotAtAll) {
  ChangeSet changes;
  changes.sweeps = {MakeSweep("s", 1)};
  for (int i = 0; i < 9000; ++i) changes.tasks.push_back(MakeTask("s", i, 0, "key"));
  changes.tasks[4500].sweep_id = "nobody";
  EXPECT_STATUS(store_->Commit(changes), kUnavailable, "");
  ASSERT_OK_AND_ASSIGN(const StoredState none, store_->Load());
  EXPECT_THAT(none.tasks, IsEmpty());
  changes.tasks[4500].sweep_id = "s";
  ASSERT_OK(store_->Commit(changes));
  ASSERT_OK_AND_ASSIGN(const StoredState all, store_->Load());
  ASSERT_EQ(all.tasks.size(), 9000u);
  for (int i = 0; i < 9000; ++i) EXPECT_EQ(all.tasks[static_cast<size_t>(i)].checkpoint, i);
}

// A worker would send it again for ever.
TEST_P(StoreContract, TextsOfAnyBytesAreTaken) {
  ChangeSet changes;
  changes.sweeps = {MakeSweep("s", 1)};
  changes.tasks = {MakeTask("s", 0, 0, "key")};
  changes.tasks[0].error = std::string("zero \0, half of é: \xC3, ", 24) + "end";
  ASSERT_OK(store_->Commit(changes));
  ASSERT_OK_AND_ASSIGN(const StoredState state, store_->Load());
  ASSERT_EQ(state.tasks.size(), 1u);
  EXPECT_THAT(state.tasks[0].error, ::testing::StartsWith("zero "));
  EXPECT_THAT(state.tasks[0].error, ::testing::EndsWith("end"));
}

TEST_P(StoreContract, AskingWhetherItIsWritableLeavesEverythingAsItIs) {
  ChangeSet changes;
  changes.sweeps = {MakeSweep("s", 1)};
  changes.tasks = {MakeTask("s", 0, 0, "key")};
  ASSERT_OK(store_->Commit(changes));
  for (int i = 0; i < 3; ++i) EXPECT_OK(store_->CheckWritable());
  Reopen();
  ASSERT_OK_AND_ASSIGN(const StoredState state, store_->Load());
  EXPECT_EQ(state.sweeps.size(), 1u);
  ASSERT_EQ(state.tasks.size(), 1u);
  ExpectSame(state.tasks[0], changes.tasks[0]);
}

TEST_P(StoreContract, WorkersAreReplacedAndForgotten) {
  Worker worker;
  worker.id = "w";
  worker.incarnation = "i1";
  worker.host = "host";
  worker.device = "cuda:0";
  worker.version = "1";
  worker.engine_version = "engine-1";
  worker.last_seen = absl::FromUnixMicros(1'700'000'000'000'001);
  Worker other = worker;
  other.id = "v";
  ChangeSet changes;
  changes.workers = {worker, other};
  ASSERT_OK(store_->Commit(changes));
  worker.incarnation = "i2";
  worker.draining = true;
  changes.workers = {worker};
  changes.forgotten_workers = {"v", "nobody"};
  ASSERT_OK(store_->Commit(changes));
  Reopen();
  ASSERT_OK_AND_ASSIGN(const StoredState state, store_->Load());
  ASSERT_EQ(state.workers.size(), 1u);
  const Worker& read = state.workers[0];
  EXPECT_EQ(read.id, "w");
  EXPECT_EQ(read.incarnation, "i2");
  EXPECT_EQ(read.host, "host");
  EXPECT_EQ(read.device, "cuda:0");
  EXPECT_EQ(read.version, "1");
  EXPECT_EQ(read.engine_version, "engine-1");
  EXPECT_TRUE(read.draining);
  EXPECT_EQ(read.last_seen, worker.last_seen);
}

TEST_P(StoreContract, ReadsGoOnWhileAnotherThreadCommits) {
  ChangeSet first;
  first.outcomes = {{"key", testing::SampleOutcome(0.5)}};
  ASSERT_OK(store_->Commit(first));
  std::thread writer([&] {
    for (int i = 0; i < 20; ++i) {
      ChangeSet changes;
      changes.outcomes = {{absl::StrCat("key", i), testing::SampleOutcome()}};
      EXPECT_OK(store_->Commit(changes));
    }
  });
  for (int i = 0; i < 200; ++i) {
    const absl::StatusOr<Outcome> read = store_->ReadOutcome("key");
    EXPECT_TRUE(read.ok() && read->rows.size() == 2) << read.status();
  }
  writer.join();
  EXPECT_OK(store_->ReadOutcome("key19"));
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract, ::testing::ValuesIn(StoreFactories()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace probesweep::server
