#include "server/rpc/convert_sweeps.h"

#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>

#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

template <typename Message>
void ExpectEqual(const Message& actual, const std::string& expected) {
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(actual, Parse<Message>(expected)))
      << actual.DebugString();
}

constexpr char kSpec[] = R"pb(
  name: "demo"
  model: "pythia"
  checkpoints { pattern: "/m/step{0,16}" tokens: 7 }
  checkpoints { pattern: "/m/final" step: 0 }
  dimensions {
    name: "privacy"
    dataset: "confaide"
    dataset_digest: "d1"
    label_meaning: "shares it"
    steering_share: 0.25
    group_column: "group"
  }
  dimensions {
    name: "robustness"
    dataset: "sst2"
    dataset_digest: "d2"
    steering_share: 0.5
    group_rule: "same_text"
  }
  analysis {
    protocols: "released"
    probe_c: 2
    hsic_sigma: 3
    hsic_epsilon: 0.5
    keep_probes: true
    keep_steering_vectors: true
    solver: "sklearn"
    hsic_scale_by_dimension: false
    estimators: "hsic"
    estimators: "cka"
    splits: 7
    seed: 11
    permutations: 0
    keep_representations: true
  }
  priority: PRIORITY_HIGH
  weight: 2.5
  tokens_per_step: 2097152
  recompute: "check-1"
)pb";

TEST(ConvertSweepsTest, ASpecSurvivesThereAndBack) {
  ASSERT_OK_AND_ASSIGN(const SweepSpec spec, FromProto(Parse<v1::SweepSpec>(kSpec)));
  EXPECT_EQ(spec.checkpoints[0].step, std::nullopt);
  EXPECT_EQ(spec.checkpoints[1].step, 0);
  v1::SweepSpec back;
  ToProto(spec, back);
  ExpectEqual(back, kSpec);
}

TEST(ConvertSweepsTest, DefaultsAreFilledIn) {
  ASSERT_OK_AND_ASSIGN(const SweepSpec spec, FromProto(v1::SweepSpec()));
  EXPECT_EQ(spec.weight, 1);
  EXPECT_EQ(spec.priority, Priority::kNormal);
  EXPECT_EQ(spec.analysis.Canonical(), AnalysisConfig().Canonical());
}

TEST(ConvertSweepsTest, WhatAnOlderClientDoesNotSayIsTheDefault) {
  v1::SweepSpec spec = Parse<v1::SweepSpec>(kSpec);
  v1::AnalysisConfig& analysis = *spec.mutable_analysis();
  analysis.clear_solver();
  analysis.clear_hsic_scale_by_dimension();
  analysis.clear_splits();
  analysis.clear_permutations();
  ASSERT_OK_AND_ASSIGN(const SweepSpec read, FromProto(spec));
  EXPECT_EQ(read.analysis.solver, "exact");
  EXPECT_TRUE(read.analysis.hsic_scale_by_dimension);
  EXPECT_EQ(read.analysis.splits, 5);
  EXPECT_EQ(read.analysis.permutations, 200);
}

TEST(ConvertSweepsTest, APriorityOfANewerReleaseIsRefused) {
  v1::SweepSpec spec;
  spec.set_priority(static_cast<v1::Priority>(17));
  EXPECT_STATUS(FromProto(spec), kInvalidArgument, "priority", "17");
}

Sweep MakeSweep() {
  Sweep sweep;
  sweep.id = "sw-1";
  sweep.spec = *FromProto(Parse<v1::SweepSpec>(kSpec));
  sweep.spec.analysis.protocols = {"released", "calibrated"};
  sweep.checkpoints = {{"step16", "/m/step16", 16, std::nullopt, "id"}};
  sweep.create_time = absl::FromUnixNanos(1'500'000'000);
  return sweep;
}

TEST(ConvertSweepsTest, ASweepShowsItsPlanCountsAndTimes) {
  Sweep sweep = MakeSweep();
  sweep.spec = SweepSpec();
  sweep.warnings = {"odd"};
  sweep.end_time = absl::FromUnixSeconds(9);
  TaskCounts counts;
  counts.by_state = {0, 0, 0, 4, 1, 0};
  counts.reused = 3;
  v1::Sweep out;
  ToProto(SweepView{std::make_shared<const Sweep>(sweep), counts}, out);
  out.clear_spec();
  ExpectEqual(out, R"pb(
    id: "sw-1"
    state: SWEEP_STATE_FAILED
    checkpoints { name: "step16" path: "/m/step16" step: 16 identity: "id" }
    tasks { done: 4 quarantined: 1 reused: 3 }
    create_time { seconds: 1 nanos: 500000000 }
    end_time { seconds: 9 }
    warnings: "odd"
  )pb");
}

TEST(ConvertSweepsTest, EveryTaskStateHasItsValue) {
  const std::pair<TaskState, v1::TaskState> states[] = {{TaskState::kReady, v1::TASK_STATE_READY},
                                                        {TaskState::kLeased, v1::TASK_STATE_LEASED},
                                                        {TaskState::kRetryWait, v1::TASK_STATE_RETRY_WAIT},
                                                        {TaskState::kDone, v1::TASK_STATE_DONE},
                                                        {TaskState::kQuarantined, v1::TASK_STATE_QUARANTINED},
                                                        {TaskState::kCancelled, v1::TASK_STATE_CANCELLED}};
  for (const auto& [state, expected] : states) {
    TaskView view;
    view.task.state = state;
    v1::Task out;
    ToProto(view, out);
    EXPECT_EQ(out.state(), expected) << TaskStateName(state);
  }
}

TEST(ConvertSweepsTest, ATaskShowsItsHistory) {
  TaskView view;
  view.checkpoint = "step16";
  view.dimension = "privacy";
  view.task.id = "t";
  view.task.sweep_id = "sw-1";
  view.task.state = TaskState::kRetryWait;
  view.task.epoch = 3;
  view.task.generation = 1;
  view.task.failures = 2;
  view.task.leases_lost = 1;
  view.task.failure_kind = FailureKind::kTransient;
  view.task.error = "no memory";
  view.task.not_before = absl::FromUnixSeconds(12);
  view.task.lease.worker_id = "w";
  v1::Task out;
  ToProto(view, out);
  ExpectEqual(out, R"pb(
    id: "t"
    sweep_id: "sw-1"
    checkpoint: "step16"
    dimension: "privacy"
    state: TASK_STATE_RETRY_WAIT
    epoch: 3
    generation: 1
    failures: 2
    leases_lost: 1
    failure_kind: FAILURE_KIND_TRANSIENT
    error: "no memory"
    not_before { seconds: 12 }
    worker_id: "w"
  )pb");
}

TEST(ConvertSweepsTest, AnUpdateCarriesTheWorkersOfTheSweep) {
  SweepUpdate update;
  update.view.sweep = std::make_shared<const Sweep>(MakeSweep());
  WorkerView& worker = update.workers.emplace_back();
  worker.worker.id = "w";
  worker.worker.host = "h";
  worker.worker.device = "cpu";
  worker.worker.version = "0.1.0";
  worker.state = WorkerState::kBusy;
  worker.last_seen = absl::FromUnixSeconds(5);
  worker.sweep_id = "sw-1";
  worker.checkpoint = "step16";
  worker.layers_done = 2;
  worker.layers_total = 6;
  v1::WatchSweepResponse out;
  ToProto(update, out);
  EXPECT_EQ(out.sweep().id(), "sw-1");
  ASSERT_EQ(out.workers_size(), 1);
  ExpectEqual(out.workers(0), R"pb(
    id: "w"
    host: "h"
    device: "cpu"
    version: "0.1.0"
    state: WORKER_STATE_BUSY
    last_seen { seconds: 5 }
    sweep_id: "sw-1"
    checkpoint: "step16"
    layers_done: 2
    layers_total: 6
  )pb");
}

}  // namespace
}  // namespace probesweep::server
