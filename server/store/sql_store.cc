#include "server/store/sql_store.h"

#include <set>
#include <utility>

#include "common/status.h"
#include "server/store/sql_blobs.h"
#include "server/store/sql_outcomes.h"
#include "server/store/sql_rows.h"

namespace probesweep::server {
namespace {

// Rows converted before they are written: bounds the memory that a large change takes.
constexpr size_t kRowsAtATime = 4096;

template <typename Entity>
absl::Status ReadAll(Database& database, const char* sql, absl::Status (*from_row)(const SqlRow&, Entity&),
                     std::vector<Entity>& entities) {
  return database.Query(sql, {}, [&](const SqlRow& row) { return from_row(row, entities.emplace_back()); });
}

template <typename Entities, typename ToRow>
absl::Status WriteAll(Database& database, const char* sql, const Entities& entities, ToRow to_row) {
  std::vector<SqlRow> rows;
  for (const auto& entity : entities) {
    rows.push_back(to_row(entity));
    if (rows.size() < kRowsAtATime) continue;
    PS_RETURN_IF_ERROR(database.ExecuteMany(sql, rows));
    rows.clear();
  }
  return database.ExecuteMany(sql, rows);
}

// Adds the reuse keys of the sweep's tasks to `keys`.
absl::Status DeleteSweep(Database& database, const std::string& id, std::set<std::string>& keys) {
  PS_RETURN_IF_ERROR(database.Query("SELECT DISTINCT reuse_key FROM tasks WHERE sweep_id = $1", {id},
                                    [&](const SqlRow& row) {
                                      keys.insert(TextAt(row, 0));
                                      return absl::OkStatus();
                                    }));
  PS_RETURN_IF_ERROR(database.Execute("DELETE FROM tasks WHERE sweep_id = $1", {id}));
  return database.Execute("DELETE FROM sweeps WHERE id = $1", {id});
}

// To a caller a store serves, or does not, or belongs to another coordinator; DATA_LOSS keeps its meaning.
absl::Status AsStoreError(const absl::Status& status) {
  if (status.ok() || absl::IsDataLoss(status) || absl::IsUnavailable(status) ||
      absl::IsFailedPrecondition(status)) {
    return status;
  }
  return absl::UnavailableError(status.message());
}

}  // namespace

absl::Status SqlStore::TransactAsLeader(absl::FunctionRef<absl::Status(Database&)> work) {
  Database& writer = *writer_;
  return AsStoreError(writer.Transact([&]() -> absl::Status {
    PS_RETURN_IF_ERROR(HoldLeadership(writer, leadership_->epoch()));
    return work(writer);
  }));
}

absl::StatusOr<StoredState> SqlStore::Load() {
  absl::MutexLock lock(&writer_mutex_);
  if (writer_->LeavesCommitsInDoubt()) {
    // A transaction of which it is not known how it ended holds the leadership record until it has.
    PS_RETURN_IF_ERROR(TransactAsLeader([](Database&) { return absl::OkStatus(); }));
  } else {
    // What takes no changes, its disk full, can still be read.
    PS_RETURN_IF_ERROR(AsStoreError(CheckLeadership(*writer_, leadership_->epoch())));
  }
  StoredState state;
  absl::Status status = ReadAll(*writer_, kSelectSweeps, SweepFromRow, state.sweeps);
  if (status.ok()) status = ReadAll(*writer_, kSelectTasks, TaskFromRow, state.tasks);
  if (status.ok()) status = ReadAll(*writer_, kSelectWorkers, WorkerFromRow, state.workers);
  if (!status.ok()) return AsStoreError(status);
  return state;
}

absl::Status SqlStore::Commit(const ChangeSet& changes) {
  absl::MutexLock lock(&writer_mutex_);
  return TransactAsLeader([&](Database& writer) { return Write(writer, changes); });
}

absl::Status SqlStore::Write(Database& writer, const ChangeSet& changes) const {
  const auto as_row = [](const std::string& id) { return SqlRow{id}; };
  // First: a new sweep may take a deleted one's sequence or request id.
  std::set<std::string> orphans;
  for (const std::string& id : changes.deleted_sweeps) PS_RETURN_IF_ERROR(DeleteSweep(writer, id, orphans));
  PS_RETURN_IF_ERROR(WriteAll(writer, kUpsertSweep, changes.sweeps, SweepToRow));
  PS_RETURN_IF_ERROR(WriteOutcomes(writer, changes.outcomes, absl::ToUnixMicros(clock_->Now())));
  PS_RETURN_IF_ERROR(WriteAll(writer, kUpsertTask, changes.tasks, TaskToRow));
  PS_RETURN_IF_ERROR(WriteAll(writer, kUpsertWorker, changes.workers, WorkerToRow));
  PS_RETURN_IF_ERROR(
      WriteAll(writer, "DELETE FROM workers WHERE id = $1", changes.forgotten_workers, as_row));
  // Last: a new sweep's tasks may reuse what the deleted ones left.
  return WriteAll(writer,
                  "DELETE FROM outcomes WHERE reuse_key = $1 AND NOT EXISTS "
                  "(SELECT 1 FROM tasks WHERE tasks.reuse_key = outcomes.reuse_key)",
                  orphans, as_row);
}

absl::Status SqlStore::CheckWritable() {
  absl::MutexLock lock(&writer_mutex_);
  // Moving the leadership record is the small change.
  return TransactAsLeader([](Database&) { return absl::OkStatus(); });
}

absl::StatusOr<std::map<std::string, std::string>> SqlStore::ExistingOutcomes(
    const std::vector<std::string>& keys) {
  absl::MutexLock lock(&writer_mutex_);
  absl::StatusOr<std::map<std::string, std::string>> found = FindOutcomes(*writer_, keys);
  if (!found.ok()) return AsStoreError(found.status());
  return found;
}

absl::StatusOr<Outcome> SqlStore::ReadOutcome(const std::string& key) {
  absl::MutexLock lock(&reader_mutex_);
  absl::StatusOr<Outcome> outcome = server::ReadOutcome(*reader_, key);
  if (!outcome.ok() && !absl::IsNotFound(outcome.status())) return AsStoreError(outcome.status());
  return outcome;
}

absl::StatusOr<std::vector<std::string>> SqlStore::ReferencedBlobs(BlobCursor& cursor) {
  absl::MutexLock lock(&reader_mutex_);
  absl::StatusOr<std::vector<std::string>> digests = ReadReferencedBlobs(*reader_, cursor);
  if (!digests.ok()) return AsStoreError(digests.status());
  return digests;
}

}  // namespace probesweep::server
