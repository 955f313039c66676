#include "server/rpc/convert_sweeps.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "server/rpc/convert_time.h"

namespace probesweep::server {
namespace {

absl::StatusOr<Priority> FromProto(v1::Priority priority) {
  switch (priority) {
    case v1::PRIORITY_LOW:
      return Priority::kLow;
    case v1::PRIORITY_UNSPECIFIED:
    case v1::PRIORITY_NORMAL:
      return Priority::kNormal;
    case v1::PRIORITY_HIGH:
      return Priority::kHigh;
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("priority: ", static_cast<int>(priority), " is not known to this coordinator"));
  }
}

AnalysisConfig FromProto(const v1::AnalysisConfig& config) {
  AnalysisConfig out;
  out.protocols.assign(config.protocols().begin(), config.protocols().end());
  out.probe_c = config.probe_c();
  out.hsic_sigma = config.hsic_sigma();
  out.hsic_epsilon = config.hsic_epsilon();
  out.keep_probes = config.keep_probes();
  out.keep_steering_vectors = config.keep_steering_vectors();
  if (config.has_solver()) out.solver = config.solver();
  if (config.has_hsic_scale_by_dimension()) out.hsic_scale_by_dimension = config.hsic_scale_by_dimension();
  out.estimators.assign(config.estimators().begin(), config.estimators().end());
  if (config.has_splits()) out.splits = config.splits();
  out.seed = config.seed();
  if (config.has_permutations()) out.permutations = config.permutations();
  out.keep_representations = config.keep_representations();
  return out;
}

Dimension FromProto(const v1::Dimension& dimension) {
  Dimension out;
  out.name = dimension.name();
  out.dataset = dimension.dataset();
  out.dataset_digest = dimension.dataset_digest();
  out.label_meaning = dimension.label_meaning();
  out.steering_share = dimension.steering_share();
  out.group_column = dimension.group_column();
  out.group_rule = dimension.group_rule();
  return out;
}

template <typename Message>
void SetPosition(const std::optional<int64_t>& step, const std::optional<int64_t>& tokens, Message& out) {
  if (step.has_value()) out.set_step(*step);
  if (tokens.has_value()) out.set_tokens(*tokens);
}

v1::TaskState ToProto(TaskState state) {
  switch (state) {
    case TaskState::kReady:
      return v1::TASK_STATE_READY;
    case TaskState::kLeased:
      return v1::TASK_STATE_LEASED;
    case TaskState::kRetryWait:
      return v1::TASK_STATE_RETRY_WAIT;
    case TaskState::kDone:
      return v1::TASK_STATE_DONE;
    case TaskState::kQuarantined:
      return v1::TASK_STATE_QUARANTINED;
    case TaskState::kCancelled:
      return v1::TASK_STATE_CANCELLED;
  }
  return v1::TASK_STATE_UNSPECIFIED;
}

v1::SweepState ToProto(SweepState state) {
  switch (state) {
    case SweepState::kRunning:
      return v1::SWEEP_STATE_RUNNING;
    case SweepState::kSucceeded:
      return v1::SWEEP_STATE_SUCCEEDED;
    case SweepState::kFailed:
      return v1::SWEEP_STATE_FAILED;
    case SweepState::kCancelled:
      return v1::SWEEP_STATE_CANCELLED;
  }
  return v1::SWEEP_STATE_UNSPECIFIED;
}

v1::WorkerState ToProto(WorkerState state) {
  switch (state) {
    case WorkerState::kIdle:
      return v1::WORKER_STATE_IDLE;
    case WorkerState::kBusy:
      return v1::WORKER_STATE_BUSY;
    case WorkerState::kDraining:
      return v1::WORKER_STATE_DRAINING;
    case WorkerState::kLost:
      return v1::WORKER_STATE_LOST;
  }
  return v1::WORKER_STATE_UNSPECIFIED;
}

v1::FailureKind ToProto(FailureKind kind) {
  switch (kind) {
    case FailureKind::kNone:
      return v1::FAILURE_KIND_UNSPECIFIED;
    case FailureKind::kTransient:
      return v1::FAILURE_KIND_TRANSIENT;
    case FailureKind::kPermanent:
      return v1::FAILURE_KIND_PERMANENT;
    case FailureKind::kCheckpointCorrupt:
      return v1::FAILURE_KIND_CHECKPOINT_CORRUPT;
    case FailureKind::kLeaseLost:
      return v1::FAILURE_KIND_LEASE_LOST;
  }
  return v1::FAILURE_KIND_UNSPECIFIED;
}

}  // namespace

absl::StatusOr<SweepSpec> FromProto(const v1::SweepSpec& spec) {
  SweepSpec out;
  out.name = spec.name();
  out.model = spec.model();
  for (const v1::CheckpointPattern& pattern : spec.checkpoints()) {
    CheckpointPattern& added = out.checkpoints.emplace_back();
    added.pattern = pattern.pattern();
    if (pattern.has_step()) added.step = pattern.step();
    if (pattern.has_tokens()) added.tokens = pattern.tokens();
  }
  for (const v1::Dimension& dimension : spec.dimensions()) out.dimensions.push_back(FromProto(dimension));
  if (spec.has_analysis()) out.analysis = FromProto(spec.analysis());
  PS_ASSIGN_OR_RETURN(out.priority, FromProto(spec.priority()));
  out.weight = spec.weight() == 0 ? 1 : spec.weight();
  out.tokens_per_step = spec.tokens_per_step();
  out.recompute = spec.recompute();
  return out;
}

void ToProto(const Dimension& dimension, v1::Dimension& out) {
  out.set_name(dimension.name);
  out.set_dataset(dimension.dataset);
  out.set_dataset_digest(dimension.dataset_digest);
  out.set_label_meaning(dimension.label_meaning);
  out.set_steering_share(dimension.steering_share);
  out.set_group_column(dimension.group_column);
  out.set_group_rule(dimension.group_rule);
}

void ToProto(const Checkpoint& checkpoint, v1::Checkpoint& out) {
  out.set_name(checkpoint.name);
  out.set_path(checkpoint.path);
  SetPosition(checkpoint.step, checkpoint.tokens, out);
  out.set_identity(checkpoint.identity);
}

void ToProto(const AnalysisConfig& config, v1::AnalysisConfig& out) {
  for (const std::string& protocol : config.protocols) out.add_protocols(protocol);
  out.set_probe_c(config.probe_c);
  out.set_hsic_sigma(config.hsic_sigma);
  out.set_hsic_epsilon(config.hsic_epsilon);
  out.set_keep_probes(config.keep_probes);
  out.set_keep_steering_vectors(config.keep_steering_vectors);
  out.set_solver(config.solver);
  out.set_hsic_scale_by_dimension(config.hsic_scale_by_dimension);
  for (const std::string& estimator : config.estimators) out.add_estimators(estimator);
  out.set_splits(config.splits);
  out.set_seed(config.seed);
  out.set_permutations(config.permutations);
  out.set_keep_representations(config.keep_representations);
}

void ToProto(const SweepSpec& spec, v1::SweepSpec& out) {
  out.set_name(spec.name);
  out.set_model(spec.model);
  for (const CheckpointPattern& pattern : spec.checkpoints) {
    v1::CheckpointPattern& added = *out.add_checkpoints();
    added.set_pattern(pattern.pattern);
    SetPosition(pattern.step, pattern.tokens, added);
  }
  for (const Dimension& dimension : spec.dimensions) ToProto(dimension, *out.add_dimensions());
  ToProto(spec.analysis, *out.mutable_analysis());
  out.set_priority(static_cast<v1::Priority>(spec.priority));
  out.set_weight(spec.weight);
  out.set_tokens_per_step(spec.tokens_per_step);
  out.set_recompute(spec.recompute);
}

void ToProto(const TaskCounts& counts, v1::TaskCounts& out) {
  out.set_ready(counts[TaskState::kReady]);
  out.set_leased(counts[TaskState::kLeased]);
  out.set_retry_wait(counts[TaskState::kRetryWait]);
  out.set_done(counts[TaskState::kDone]);
  out.set_quarantined(counts[TaskState::kQuarantined]);
  out.set_cancelled(counts[TaskState::kCancelled]);
  out.set_reused(counts.reused);
}

void ToProto(const SweepView& view, v1::Sweep& out) {
  const Sweep& sweep = *view.sweep;
  out.set_id(sweep.id);
  ToProto(sweep.spec, *out.mutable_spec());
  out.set_state(ToProto(view.state()));
  for (const Checkpoint& checkpoint : sweep.checkpoints) ToProto(checkpoint, *out.add_checkpoints());
  ToProto(view.counts, *out.mutable_tasks());
  ToProto(sweep.create_time, *out.mutable_create_time());
  if (sweep.end_time.has_value()) ToProto(*sweep.end_time, *out.mutable_end_time());
  for (const std::string& warning : sweep.warnings) out.add_warnings(warning);
}

void ToProto(const TaskView& view, v1::Task& out) {
  const Task& task = view.task;
  out.set_id(task.id);
  out.set_sweep_id(task.sweep_id);
  out.set_checkpoint(view.checkpoint);
  out.set_dimension(view.dimension);
  out.set_state(ToProto(task.state));
  out.set_epoch(task.epoch);
  out.set_generation(task.generation);
  out.set_failures(task.failures);
  out.set_leases_lost(task.leases_lost);
  out.set_failure_kind(ToProto(task.failure_kind));
  out.set_error(task.error);
  if (task.state == TaskState::kRetryWait) ToProto(task.not_before, *out.mutable_not_before());
  out.set_reused(task.reused);
  out.set_worker_id(task.lease.worker_id);
}

void ToProto(const WorkerView& view, v1::Worker& out) {
  out.set_id(view.worker.id);
  out.set_host(view.worker.host);
  out.set_device(view.worker.device);
  out.set_version(view.worker.version);
  out.set_state(ToProto(view.state));
  ToProto(view.last_seen, *out.mutable_last_seen());
  out.set_sweep_id(view.sweep_id);
  out.set_checkpoint(view.checkpoint);
  out.set_layers_done(view.layers_done);
  out.set_layers_total(view.layers_total);
}

void ToProto(const SweepUpdate& update, v1::WatchSweepResponse& out) {
  ToProto(update.view, *out.mutable_sweep());
  for (const WorkerView& worker : update.workers) ToProto(worker, *out.add_workers());
}

void ToProto(const Page<SweepView>& page, v1::ListSweepsResponse& out) {
  for (const SweepView& view : page.items) ToProto(view, *out.add_sweeps());
  out.set_next_page_token(page.next_token);
}

void ToProto(const Page<TaskView>& page, v1::ListTasksResponse& out) {
  for (const TaskView& view : page.items) ToProto(view, *out.add_tasks());
  out.set_next_page_token(page.next_token);
}

void ToProto(const std::vector<WorkerView>& workers, v1::ListWorkersResponse& out) {
  for (const WorkerView& worker : workers) ToProto(worker, *out.add_workers());
}

}  // namespace probesweep::server
