#include "server/store/migrations.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "common/logging.h"
#include "common/status.h"

namespace probesweep::server {
namespace {

// Times are microseconds since the Unix epoch.

constexpr char kSweeps[] = R"(CREATE TABLE sweeps (
    id TEXT PRIMARY KEY,
    sequence BIGINT NOT NULL UNIQUE,
    request_id TEXT NOT NULL UNIQUE,
    spec_digest TEXT NOT NULL,
    spec TEXT NOT NULL,
    plan TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    ended_us BIGINT))";

constexpr char kTasks[] = R"(CREATE TABLE tasks (
    id TEXT PRIMARY KEY,
    sweep_id TEXT NOT NULL REFERENCES sweeps (id) ON DELETE CASCADE,
    checkpoint BIGINT NOT NULL,
    dimension BIGINT NOT NULL,
    reuse_key TEXT NOT NULL,
    state TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    leases_lost BIGINT NOT NULL,
    lost_by TEXT NOT NULL,
    failure_kind BIGINT NOT NULL,
    error TEXT NOT NULL,
    not_before_us BIGINT,
    reused BIGINT NOT NULL,
    lease_id TEXT NOT NULL,
    worker_id TEXT NOT NULL,
    incarnation TEXT NOT NULL,
    UNIQUE (sweep_id, checkpoint, dimension)))";

constexpr char kTasksByReuseKey[] = "CREATE INDEX tasks_by_reuse_key ON tasks (reuse_key)";

constexpr char kOutcomes[] = "CREATE TABLE outcomes (reuse_key TEXT PRIMARY KEY, created_us BIGINT NOT NULL)";

// `values_json`: {"accuracy": 0.5, …}
constexpr char kResults[] = R"(CREATE TABLE results (
    reuse_key TEXT NOT NULL REFERENCES outcomes (reuse_key) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    layer BIGINT NOT NULL,
    protocol TEXT NOT NULL,
    values_json TEXT NOT NULL,
    PRIMARY KEY (reuse_key, position),
    UNIQUE (reuse_key, layer, protocol)))";

constexpr char kArtifacts[] = R"(CREATE TABLE artifacts (
    reuse_key TEXT NOT NULL REFERENCES outcomes (reuse_key) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    kind TEXT NOT NULL,
    digest TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    PRIMARY KEY (reuse_key, position)))";

constexpr char kWorkers[] = R"(CREATE TABLE workers (
    id TEXT PRIMARY KEY,
    incarnation TEXT NOT NULL,
    host TEXT NOT NULL,
    device TEXT NOT NULL,
    version TEXT NOT NULL,
    engine_version TEXT NOT NULL,
    draining BIGINT NOT NULL,
    last_seen_us BIGINT NOT NULL))";

// Outcomes of before are of unknown weights.
constexpr char kOutcomesGetCheckpointDigest[] =
    "ALTER TABLE outcomes ADD COLUMN checkpoint_digest TEXT NOT NULL DEFAULT ''";

// Outcomes of before are of unknown provenance.
constexpr char kOutcomesGetTokenizerDigest[] =
    "ALTER TABLE outcomes ADD COLUMN tokenizer_digest TEXT NOT NULL DEFAULT ''";
constexpr char kOutcomesGetDatasetDigest[] =
    "ALTER TABLE outcomes ADD COLUMN dataset_digest TEXT NOT NULL DEFAULT ''";
constexpr char kOutcomesGetConfiguration[] =
    "ALTER TABLE outcomes ADD COLUMN configuration TEXT NOT NULL DEFAULT ''";
constexpr char kOutcomesGetEngineVersion[] =
    "ALTER TABLE outcomes ADD COLUMN engine_version TEXT NOT NULL DEFAULT ''";
constexpr char kOutcomesGetDevice[] = "ALTER TABLE outcomes ADD COLUMN device TEXT NOT NULL DEFAULT ''";
constexpr char kOutcomesGetDtype[] = "ALTER TABLE outcomes ADD COLUMN dtype TEXT NOT NULL DEFAULT ''";

constexpr char kLeadership[] = R"(CREATE TABLE leadership (
    id BIGINT PRIMARY KEY,
    epoch BIGINT NOT NULL,
    holder TEXT NOT NULL,
    renewals BIGINT NOT NULL))";
constexpr char kNobodyLeads[] = "INSERT INTO leadership (id, epoch, holder, renewals) VALUES (1, 0, '', 0)";

// What tells the store from all others, so that a folder of blobs belongs to one of them.
constexpr char kStoreIdentity[] =
    "CREATE TABLE store_identity (id BIGINT PRIMARY KEY, identity TEXT NOT NULL)";

// A lease's own epoch: until then a task had one lease at most, so its last epoch is that lease's.
constexpr char kTasksGetLeaseEpoch[] = "ALTER TABLE tasks ADD COLUMN lease_epoch BIGINT NOT NULL DEFAULT 0";
constexpr char kTasksTakeLeaseEpoch[] = "UPDATE tasks SET lease_epoch = epoch";
constexpr char kTasksGetCopyLease[] = "ALTER TABLE tasks ADD COLUMN copy_lease_id TEXT NOT NULL DEFAULT ''";
constexpr char kTasksGetCopyWorker[] = "ALTER TABLE tasks ADD COLUMN copy_worker_id TEXT NOT NULL DEFAULT ''";
constexpr char kTasksGetCopyIncarnation[] =
    "ALTER TABLE tasks ADD COLUMN copy_incarnation TEXT NOT NULL DEFAULT ''";
constexpr char kTasksGetCopyEpoch[] = "ALTER TABLE tasks ADD COLUMN copy_epoch BIGINT NOT NULL DEFAULT 0";

// All rows of an outcome as one text (rows_json.h): a tenth of the work and of the space of a row and two
// index entries for each. Those of outcomes stored before stay in `results`.
constexpr char kResultSets[] = R"(CREATE TABLE result_sets (
    reuse_key TEXT PRIMARY KEY REFERENCES outcomes (reuse_key) ON DELETE CASCADE,
    rows_json TEXT NOT NULL))";

// Of a leader of before it is not known which process it is.
constexpr char kLeadershipGetsProcess[] =
    "ALTER TABLE leadership ADD COLUMN process TEXT NOT NULL DEFAULT ''";

// One inner list a step; its version is its position, from 1.
const std::vector<std::vector<const char*>>& Steps() {
  static const auto* const steps = new std::vector<std::vector<const char*>>{
      {kSweeps, kTasks, kTasksByReuseKey, kOutcomes, kResults, kArtifacts, kWorkers},
      {kOutcomesGetCheckpointDigest},
      {kOutcomesGetTokenizerDigest, kOutcomesGetDatasetDigest, kOutcomesGetConfiguration,
       kOutcomesGetEngineVersion, kOutcomesGetDevice, kOutcomesGetDtype},
      {kTasksGetLeaseEpoch, kTasksTakeLeaseEpoch, kTasksGetCopyLease, kTasksGetCopyWorker,
       kTasksGetCopyIncarnation, kTasksGetCopyEpoch},
      {kLeadership, kNobodyLeads},
      {kStoreIdentity},
      {kResultSets, kLeadershipGetsProcess},
  };
  return *steps;
}

absl::StatusOr<int64_t> CurrentVersion(Database& database) {
  int64_t version = 0;
  PS_RETURN_IF_ERROR(
      database.Query("SELECT COALESCE(MAX(version), 0) FROM schema_version", {}, [&](const SqlRow& row) {
        version = std::get<int64_t>(row[0]);
        return absl::OkStatus();
      }));
  return version;
}

absl::Status TakeStep(Database& database, int64_t version) {
  return database.Transact([&]() -> absl::Status {
    for (const char* sql : Steps()[static_cast<size_t>(version - 1)])
      PS_RETURN_IF_ERROR(database.Execute(sql));
    return database.Execute("INSERT INTO schema_version (version) VALUES ($1)", {version});
  });
}

}  // namespace

absl::Status Migrate(Database& database) {
  constexpr char kVersions[] = "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)";
  // PostgreSQL refuses one of two that make the same table at a time: for that one it is there afterwards.
  if (!database.Execute(kVersions).ok()) PS_RETURN_IF_ERROR(database.Execute(kVersions));
  PS_ASSIGN_OR_RETURN(int64_t current, CurrentVersion(database));
  const auto newest = static_cast<int64_t>(Steps().size());
  while (current < newest) {
    const absl::Status taken = TakeStep(database, current + 1);
    PS_ASSIGN_OR_RETURN(const int64_t reached, CurrentVersion(database));
    // Another coordinator that starts at the same time may have taken the step first.
    if (reached == current) return taken;
    current = reached;
    if (taken.ok()) spdlog::info("store: schema is now version {}", current);
  }
  if (current == newest) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("the store's schema is version ", current,
                                                    ", this release knows only up to ", newest,
                                                    "; run the newer release, or use another --store"));
}

}  // namespace probesweep::server
