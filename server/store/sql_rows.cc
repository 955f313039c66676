#include "server/store/sql_rows.h"

#include "common/status.h"
#include "server/store/sweep_json.h"

namespace probesweep::server {
namespace {

SqlValue TimeValue(absl::Time time) {
  return time == absl::InfinitePast() ? SqlValue() : SqlValue(absl::ToUnixMicros(time));
}

absl::Time TimeAt(const SqlRow& row, size_t column) {
  const auto* micros = std::get_if<int64_t>(&row[column]);
  return micros == nullptr ? absl::InfinitePast() : absl::FromUnixMicros(*micros);
}

}  // namespace

const char kUpsertSweep[] =
    "INSERT INTO sweeps (id, sequence, request_id, spec_digest, spec, plan, created_us, ended_us) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET ended_us = excluded.ended_us";
const char kSelectSweeps[] =
    "SELECT id, sequence, request_id, spec_digest, spec, plan, created_us, ended_us FROM sweeps ORDER BY "
    "sequence";

const char kUpsertTask[] =
    "INSERT INTO tasks (id, sweep_id, checkpoint, dimension, reuse_key, state, epoch, generation, failures, "
    "leases_lost, lost_by, failure_kind, error, not_before_us, reused, lease_id, worker_id, incarnation, "
    "lease_epoch, copy_lease_id, copy_worker_id, copy_incarnation, copy_epoch) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, "
    "$22, $23) "
    "ON CONFLICT (id) DO UPDATE SET state = excluded.state, epoch = excluded.epoch, "
    "generation = excluded.generation, failures = excluded.failures, leases_lost = excluded.leases_lost, "
    "lost_by = excluded.lost_by, failure_kind = excluded.failure_kind, error = excluded.error, "
    "not_before_us = excluded.not_before_us, reused = excluded.reused, lease_id = excluded.lease_id, "
    "worker_id = excluded.worker_id, incarnation = excluded.incarnation, lease_epoch = excluded.lease_epoch, "
    "copy_lease_id = excluded.copy_lease_id, copy_worker_id = excluded.copy_worker_id, "
    "copy_incarnation = excluded.copy_incarnation, copy_epoch = excluded.copy_epoch";
const char kSelectTasks[] =
    "SELECT id, sweep_id, checkpoint, dimension, tasks.reuse_key, state, epoch, generation, failures, "
    "leases_lost, lost_by, failure_kind, error, not_before_us, reused, lease_id, worker_id, incarnation, "
    "lease_epoch, copy_lease_id, copy_worker_id, copy_incarnation, copy_epoch, checkpoint_digest "
    "FROM tasks LEFT JOIN outcomes ON outcomes.reuse_key = tasks.reuse_key AND "
    "tasks.state = 'done' ORDER BY sweep_id, checkpoint, dimension";

const char kInsertOutcome[] =
    "INSERT INTO outcomes (reuse_key, created_us, checkpoint_digest, tokenizer_digest, dataset_digest, "
    "configuration, engine_version, device, dtype) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const char kSelectOutcome[] =
    "SELECT checkpoint_digest, tokenizer_digest, dataset_digest, configuration, engine_version, device, "
    "dtype FROM outcomes WHERE reuse_key = $1";

const char kUpsertWorker[] =
    "INSERT INTO workers (id, incarnation, host, device, version, engine_version, draining, last_seen_us) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET incarnation = "
    "excluded.incarnation, "
    "host = excluded.host, device = excluded.device, version = excluded.version, "
    "engine_version = excluded.engine_version, draining = excluded.draining, last_seen_us = "
    "excluded.last_seen_us";
const char kSelectWorkers[] =
    "SELECT id, incarnation, host, device, version, engine_version, draining, last_seen_us FROM workers "
    "ORDER BY id";

int64_t IntegerAt(const SqlRow& row, size_t column) {
  const auto* value = std::get_if<int64_t>(&row[column]);
  return value == nullptr ? 0 : *value;
}

std::string TextAt(const SqlRow& row, size_t column) {
  const auto* value = std::get_if<std::string>(&row[column]);
  return value == nullptr ? "" : *value;
}

SqlRow SweepToRow(const Sweep& sweep) {
  return {sweep.id,
          sweep.sequence,
          sweep.request_id,
          sweep.spec_digest,
          SpecToJson(sweep.spec),
          PlanToJson(sweep),
          absl::ToUnixMicros(sweep.create_time),
          sweep.end_time ? TimeValue(*sweep.end_time) : SqlValue()};
}

absl::Status SweepFromRow(const SqlRow& row, Sweep& sweep) {
  sweep.id = TextAt(row, 0);
  sweep.sequence = IntegerAt(row, 1);
  sweep.request_id = TextAt(row, 2);
  sweep.spec_digest = TextAt(row, 3);
  PS_RETURN_IF_ERROR(SpecFromJson(TextAt(row, 4), sweep.spec));
  PS_RETURN_IF_ERROR(PlanFromJson(TextAt(row, 5), sweep));
  sweep.create_time = TimeAt(row, 6);
  if (!std::holds_alternative<std::monostate>(row[7])) sweep.end_time = TimeAt(row, 7);
  return absl::OkStatus();
}

SqlRow TaskToRow(const Task& task) {
  return {task.id,
          task.sweep_id,
          int64_t{task.checkpoint},
          int64_t{task.dimension},
          task.reuse_key,
          std::string(TaskStateName(task.state)),
          task.epoch,
          int64_t{task.generation},
          int64_t{task.failures},
          int64_t{task.leases_lost},
          NamesToJson(task.lost_by),
          static_cast<int64_t>(task.failure_kind),
          task.error,
          TimeValue(task.not_before),
          int64_t{task.reused},
          task.lease.id,
          task.lease.worker_id,
          task.lease.incarnation,
          task.lease.epoch,
          task.copy.id,
          task.copy.worker_id,
          task.copy.incarnation,
          task.copy.epoch};
}

absl::Status TaskFromRow(const SqlRow& row, Task& task) {
  task.id = TextAt(row, 0);
  task.sweep_id = TextAt(row, 1);
  task.checkpoint = static_cast<int>(IntegerAt(row, 2));
  task.dimension = static_cast<int>(IntegerAt(row, 3));
  task.reuse_key = TextAt(row, 4);
  PS_RETURN_IF_ERROR(ParseTaskState(TextAt(row, 5), task.state));
  task.epoch = IntegerAt(row, 6);
  task.generation = static_cast<int>(IntegerAt(row, 7));
  task.failures = static_cast<int>(IntegerAt(row, 8));
  task.leases_lost = static_cast<int>(IntegerAt(row, 9));
  PS_RETURN_IF_ERROR(NamesFromJson(TextAt(row, 10), task.lost_by));
  task.failure_kind = static_cast<FailureKind>(IntegerAt(row, 11));
  task.error = TextAt(row, 12);
  task.not_before = TimeAt(row, 13);
  task.reused = IntegerAt(row, 14) != 0;
  task.lease = {TextAt(row, 15), TextAt(row, 16), TextAt(row, 17), IntegerAt(row, 18)};
  task.copy = {TextAt(row, 19), TextAt(row, 20), TextAt(row, 21), IntegerAt(row, 22)};
  task.checkpoint_digest = TextAt(row, 23);
  return absl::OkStatus();
}

SqlRow OutcomeToRow(const std::string& key, int64_t created_us, const Outcome& outcome) {
  const Provenance& provenance = outcome.provenance;
  return {key,
          created_us,
          outcome.checkpoint_digest,
          provenance.tokenizer_digest,
          provenance.dataset_digest,
          provenance.configuration,
          provenance.engine_version,
          provenance.device,
          provenance.dtype};
}

void OriginFromRow(const SqlRow& row, Outcome& outcome) {
  outcome.checkpoint_digest = TextAt(row, 0);
  outcome.provenance = {TextAt(row, 1), TextAt(row, 2), TextAt(row, 3),
                        TextAt(row, 4), TextAt(row, 5), TextAt(row, 6)};
}

SqlRow WorkerToRow(const Worker& worker) {
  return {worker.id,
          worker.incarnation,
          worker.host,
          worker.device,
          worker.version,
          worker.engine_version,
          int64_t{worker.draining},
          absl::ToUnixMicros(worker.last_seen)};
}

absl::Status WorkerFromRow(const SqlRow& row, Worker& worker) {
  worker.id = TextAt(row, 0);
  worker.incarnation = TextAt(row, 1);
  worker.host = TextAt(row, 2);
  worker.device = TextAt(row, 3);
  worker.version = TextAt(row, 4);
  worker.engine_version = TextAt(row, 5);
  worker.draining = IntegerAt(row, 6) != 0;
  worker.last_seen = TimeAt(row, 7);
  return absl::OkStatus();
}

}  // namespace probesweep::server
