#include "server/store/sql_blobs.h"

#include "common/status.h"
#include "server/store/sql_rows.h"
#include "server/store/sweep_json.h"

namespace probesweep::server {
namespace {

// Short pages: who reads results waits for one of them at most.
constexpr char kSelectSpecs[] =
    "SELECT sequence, spec FROM sweeps WHERE sequence > $1 ORDER BY sequence LIMIT 100";
constexpr char kSelectArtifacts[] =
    "SELECT reuse_key, position, digest FROM artifacts WHERE (reuse_key, position) > ($1, $2) "
    "ORDER BY reuse_key, position LIMIT 4096";

absl::StatusOr<std::vector<std::string>> ReadDatasets(Database& database, BlobCursor& cursor) {
  std::vector<std::string> digests;
  PS_RETURN_IF_ERROR(
      database.Query(kSelectSpecs, {cursor.sweep_sequence}, [&](const SqlRow& row) -> absl::Status {
        SweepSpec spec;
        PS_RETURN_IF_ERROR(SpecFromJson(TextAt(row, 1), spec));
        for (const Dimension& dimension : spec.dimensions) digests.push_back(dimension.dataset_digest);
        cursor.sweep_sequence = IntegerAt(row, 0);
        return absl::OkStatus();
      }));
  return digests;
}

absl::StatusOr<std::vector<std::string>> ReadArtifacts(Database& database, BlobCursor& cursor) {
  std::vector<std::string> digests;
  PS_RETURN_IF_ERROR(
      database.Query(kSelectArtifacts, {cursor.outcome_key, cursor.artifact}, [&](const SqlRow& row) {
        cursor.outcome_key = TextAt(row, 0);
        cursor.artifact = IntegerAt(row, 1);
        digests.push_back(TextAt(row, 2));
        return absl::OkStatus();
      }));
  return digests;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ReadReferencedBlobs(Database& database, BlobCursor& cursor) {
  // A page that breaks off is read again from where it began.
  BlobCursor next = cursor;
  PS_ASSIGN_OR_RETURN(std::vector<std::string> digests, ReadDatasets(database, next));
  if (digests.empty()) {
    PS_ASSIGN_OR_RETURN(digests, ReadArtifacts(database, next));
  }
  cursor = next;
  return digests;
}

absl::StatusOr<std::string> ReadOrMakeIdentity(Database& database, RandomSource& random) {
  // Of coordinators that start at the same time one draws it.
  PS_RETURN_IF_ERROR(
      database.Execute("INSERT INTO store_identity (id, identity) VALUES (1, $1) ON CONFLICT DO NOTHING",
                       {RandomId("store", 32, random)}));
  std::string identity;
  PS_RETURN_IF_ERROR(
      database.Query("SELECT identity FROM store_identity WHERE id = 1", {}, [&](const SqlRow& row) {
        identity = TextAt(row, 0);
        return absl::OkStatus();
      }));
  return identity;
}

}  // namespace probesweep::server
