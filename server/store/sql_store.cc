#include "server/store/sql_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "server/store/migrations.h"
#include "server/store/sql_rows.h"
#include "server/store/sweep_json.h"

namespace probesweep::server {
namespace {

template <typename Entity>
absl::Status ReadAll(Database& database, const char* sql, absl::Status (*from_row)(const SqlRow&, Entity&),
                     std::vector<Entity>& entities) {
  return database.Query(sql, {}, [&](const SqlRow& row) { return from_row(row, entities.emplace_back()); });
}

// To a caller a store either serves or does not; DATA_LOSS keeps its meaning.
absl::Status AsStoreError(const absl::Status& status) {
  if (status.ok() || absl::IsDataLoss(status) || absl::IsUnavailable(status)) return status;
  return absl::UnavailableError(status.message());
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqlStore>> SqlStore::Open(std::unique_ptr<Database> writer,
                                                         std::unique_ptr<Database> reader, Clock* clock) {
  PS_RETURN_IF_ERROR(Migrate(*writer));
  return std::unique_ptr<SqlStore>(new SqlStore(std::move(writer), std::move(reader), clock));
}

absl::StatusOr<StoredState> SqlStore::Load() {
  absl::MutexLock lock(&writer_mutex_);
  StoredState state;
  absl::Status status = ReadAll(*writer_, kSelectSweeps, SweepFromRow, state.sweeps);
  if (status.ok()) status = ReadAll(*writer_, kSelectTasks, TaskFromRow, state.tasks);
  if (status.ok()) status = ReadAll(*writer_, kSelectWorkers, WorkerFromRow, state.workers);
  if (!status.ok()) return AsStoreError(status);
  return state;
}

absl::Status SqlStore::Commit(const ChangeSet& changes) {
  absl::MutexLock lock(&writer_mutex_);
  return AsStoreError(writer_->Transact([&]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return Write(changes); }));
}

absl::Status SqlStore::Write(const ChangeSet& changes) {
  // First: a new sweep may take a deleted one's sequence or request id.
  std::set<std::string> orphans;
  for (const std::string& id : changes.deleted_sweeps) PS_RETURN_IF_ERROR(DeleteSweep(id, orphans));
  for (const Sweep& sweep : changes.sweeps)
    PS_RETURN_IF_ERROR(writer_->Execute(kUpsertSweep, SweepToRow(sweep)));
  for (const auto& [key, outcome] : changes.outcomes) PS_RETURN_IF_ERROR(WriteOutcome(key, outcome));
  for (const Task& task : changes.tasks) PS_RETURN_IF_ERROR(writer_->Execute(kUpsertTask, TaskToRow(task)));
  for (const Worker& worker : changes.workers) {
    PS_RETURN_IF_ERROR(writer_->Execute(kUpsertWorker, WorkerToRow(worker)));
  }
  for (const std::string& id : changes.forgotten_workers) {
    PS_RETURN_IF_ERROR(writer_->Execute("DELETE FROM workers WHERE id = $1", {id}));
  }
  // Last: a new sweep's tasks may reuse what the deleted ones left.
  for (const std::string& key : orphans) {
    PS_RETURN_IF_ERROR(
        writer_->Execute("DELETE FROM outcomes WHERE reuse_key = $1 AND NOT EXISTS "
                         "(SELECT 1 FROM tasks WHERE tasks.reuse_key = outcomes.reuse_key)",
                         {key}));
  }
  return absl::OkStatus();
}

absl::Status SqlStore::WriteOutcome(const std::string& key, const Outcome& outcome) {
  bool exists = false;
  PS_RETURN_IF_ERROR(writer_->Query("SELECT 1 FROM outcomes WHERE reuse_key = $1", {key}, [&](const SqlRow&) {
    exists = true;
    return absl::OkStatus();
  }));
  if (exists) return absl::OkStatus();
  PS_RETURN_IF_ERROR(
      writer_->Execute(kInsertOutcome, OutcomeToRow(key, absl::ToUnixMicros(clock_->Now()), outcome)));
  for (size_t i = 0; i < outcome.rows.size(); ++i) {
    const LayerRow& row = outcome.rows[i];
    PS_RETURN_IF_ERROR(writer_->Execute(
        "INSERT INTO results (reuse_key, position, layer, protocol, values_json) VALUES ($1, $2, $3, $4, $5)",
        {key, static_cast<int64_t>(i), int64_t{row.layer}, row.protocol, ValuesToJson(row.values)}));
  }
  for (size_t i = 0; i < outcome.artifacts.size(); ++i) {
    const ArtifactRef& artifact = outcome.artifacts[i];
    PS_RETURN_IF_ERROR(writer_->Execute(
        "INSERT INTO artifacts (reuse_key, position, kind, digest, size_bytes) VALUES ($1, $2, $3, $4, $5)",
        {key, static_cast<int64_t>(i), artifact.kind, artifact.digest, artifact.size_bytes}));
  }
  return absl::OkStatus();
}

absl::Status SqlStore::DeleteSweep(const std::string& id, std::set<std::string>& keys) {
  PS_RETURN_IF_ERROR(writer_->Query("SELECT DISTINCT reuse_key FROM tasks WHERE sweep_id = $1", {id},
                                    [&](const SqlRow& row) {
                                      keys.insert(TextAt(row, 0));
                                      return absl::OkStatus();
                                    }));
  PS_RETURN_IF_ERROR(writer_->Execute("DELETE FROM tasks WHERE sweep_id = $1", {id}));
  return writer_->Execute("DELETE FROM sweeps WHERE id = $1", {id});
}

absl::Status SqlStore::CheckWritable() {
  absl::MutexLock lock(&writer_mutex_);
  // A row that comes and goes: an empty transaction would not touch the disk.
  return AsStoreError(writer_->Transact([&]() ABSL_NO_THREAD_SAFETY_ANALYSIS -> absl::Status {
    PS_RETURN_IF_ERROR(writer_->Execute("INSERT INTO schema_version (version) VALUES (0)"));
    return writer_->Execute("DELETE FROM schema_version WHERE version = 0");
  }));
}

absl::StatusOr<std::map<std::string, std::string>> SqlStore::ExistingOutcomes(
    const std::vector<std::string>& keys) {
  absl::MutexLock lock(&writer_mutex_);
  std::map<std::string, std::string> existing;
  for (const std::string& key : keys) {
    const absl::Status status = writer_->Query("SELECT checkpoint_digest FROM outcomes WHERE reuse_key = $1",
                                               {key}, [&](const SqlRow& row) {
                                                 existing[key] = TextAt(row, 0);
                                                 return absl::OkStatus();
                                               });
    if (!status.ok()) return AsStoreError(status);
  }
  return existing;
}

absl::StatusOr<Outcome> SqlStore::ReadOutcome(const std::string& key) {
  absl::MutexLock lock(&reader_mutex_);
  Outcome outcome;
  absl::Status status = reader_->Query(kSelectOutcome, {key}, [&](const SqlRow& row) {
    OriginFromRow(row, outcome);
    return absl::OkStatus();
  });
  if (!status.ok()) return AsStoreError(status);
  status = reader_->Query(
      "SELECT layer, protocol, values_json FROM results WHERE reuse_key = $1 ORDER BY position", {key},
      [&](const SqlRow& row) {
        LayerRow& result = outcome.rows.emplace_back();
        result.layer = static_cast<int>(IntegerAt(row, 0));
        result.protocol = TextAt(row, 1);
        return ValuesFromJson(TextAt(row, 2), result.values);
      });
  if (!status.ok()) return AsStoreError(status);
  status =
      reader_->Query("SELECT kind, digest, size_bytes FROM artifacts WHERE reuse_key = $1 ORDER BY position",
                     {key}, [&](const SqlRow& row) {
                       outcome.artifacts.push_back({TextAt(row, 0), TextAt(row, 1), IntegerAt(row, 2)});
                       return absl::OkStatus();
                     });
  if (!status.ok()) return AsStoreError(status);
  // Every outcome has rows.
  if (outcome.rows.empty()) return absl::NotFoundError(absl::StrCat("no outcome under the key ", key));
  return outcome;
}

}  // namespace probesweep::server
