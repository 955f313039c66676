#include "server/store/sql_outcomes.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status.h"
#include "server/store/rows_json.h"
#include "server/store/sql_rows.h"
#include "server/store/sweep_json.h"

namespace probesweep::server {
namespace {

// Keys asked for by one statement. Few sizes: each is a statement of its own for the database to keep
// prepared.
constexpr size_t kKeysAtATime[] = {1, 16, 256};

// Outcomes converted before they are written: bounds the memory that a large change takes.
constexpr size_t kOutcomesAtATime = 256;

constexpr char kInsertResultSet[] = "INSERT INTO result_sets (reuse_key, rows_json) VALUES ($1, $2)";
constexpr char kInsertArtifact[] =
    "INSERT INTO artifacts (reuse_key, position, kind, digest, size_bytes) VALUES ($1, $2, $3, $4, $5)";

std::string SelectDigests(size_t keys) {
  std::vector<std::string> parameters;
  for (size_t i = 1; i <= keys; ++i) parameters.push_back(absl::StrCat("$", i));
  return absl::StrCat("SELECT reuse_key, checkpoint_digest FROM outcomes WHERE reuse_key IN (",
                      absl::StrJoin(parameters, ", "), ")");
}

struct OutcomeRows {
  std::vector<SqlRow> outcomes, result_sets, artifacts;
};

void AddRows(const std::string& key, const Outcome& outcome, int64_t created_us, OutcomeRows& rows) {
  rows.outcomes.push_back(OutcomeToRow(key, created_us, outcome));
  rows.result_sets.push_back({key, RowsToJson(outcome.rows)});
  for (size_t i = 0; i < outcome.artifacts.size(); ++i) {
    const ArtifactRef& artifact = outcome.artifacts[i];
    rows.artifacts.push_back(
        {key, static_cast<int64_t>(i), artifact.kind, artifact.digest, artifact.size_bytes});
  }
}

absl::Status Write(Database& database, OutcomeRows& rows) {
  PS_RETURN_IF_ERROR(database.ExecuteMany(kInsertOutcome, rows.outcomes));
  PS_RETURN_IF_ERROR(database.ExecuteMany(kInsertResultSet, rows.result_sets));
  PS_RETURN_IF_ERROR(database.ExecuteMany(kInsertArtifact, rows.artifacts));
  rows = OutcomeRows();
  return absl::OkStatus();
}

// Rows that an earlier release stored one by one.
absl::Status ReadSingleRows(Database& database, const std::string& key, std::vector<LayerRow>& rows) {
  return database.Query(
      "SELECT layer, protocol, values_json FROM results WHERE reuse_key = $1 ORDER BY position", {key},
      [&](const SqlRow& row) {
        LayerRow& result = rows.emplace_back();
        result.layer = static_cast<int>(IntegerAt(row, 0));
        result.protocol = TextAt(row, 1);
        return ValuesFromJson(TextAt(row, 2), result.values);
      });
}

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> FindOutcomes(Database& database,
                                                                const std::vector<std::string>& keys) {
  std::map<std::string, std::string> found;
  for (size_t begin = 0; begin < keys.size();) {
    const size_t left = keys.size() - begin;
    const size_t* const fits = std::find_if(std::begin(kKeysAtATime), std::end(kKeysAtATime) - 1,
                                            [left](size_t size) { return size >= left; });
    SqlRow parameters;
    for (size_t i = 0; i < *fits; ++i) parameters.emplace_back(keys[std::min(begin + i, keys.size() - 1)]);
    PS_RETURN_IF_ERROR(database.Query(SelectDigests(*fits), parameters, [&](const SqlRow& row) {
      found[TextAt(row, 0)] = TextAt(row, 1);
      return absl::OkStatus();
    }));
    begin += *fits;
  }
  return found;
}

absl::Status WriteOutcomes(Database& database, const std::vector<std::pair<std::string, Outcome>>& outcomes,
                           int64_t created_us) {
  std::vector<std::string> keys;
  for (const auto& [key, outcome] : outcomes) keys.push_back(key);
  PS_ASSIGN_OR_RETURN(const auto existing, FindOutcomes(database, keys));
  std::set<std::string> written;
  OutcomeRows rows;
  for (const auto& [key, outcome] : outcomes) {
    if (existing.count(key) != 0 || !written.insert(key).second) continue;
    AddRows(key, outcome, created_us, rows);
    if (rows.outcomes.size() >= kOutcomesAtATime) PS_RETURN_IF_ERROR(Write(database, rows));
  }
  return Write(database, rows);
}

absl::StatusOr<Outcome> ReadOutcome(Database& database, const std::string& key) {
  Outcome outcome;
  PS_RETURN_IF_ERROR(database.Query(kSelectOutcome, {key}, [&](const SqlRow& row) {
    OriginFromRow(row, outcome);
    return absl::OkStatus();
  }));
  PS_RETURN_IF_ERROR(
      database.Query("SELECT rows_json FROM result_sets WHERE reuse_key = $1", {key},
                     [&](const SqlRow& row) { return RowsFromJson(TextAt(row, 0), outcome.rows); }));
  if (outcome.rows.empty()) PS_RETURN_IF_ERROR(ReadSingleRows(database, key, outcome.rows));
  PS_RETURN_IF_ERROR(
      database.Query("SELECT kind, digest, size_bytes FROM artifacts WHERE reuse_key = $1 ORDER BY position",
                     {key}, [&](const SqlRow& row) {
                       outcome.artifacts.push_back({TextAt(row, 0), TextAt(row, 1), IntegerAt(row, 2)});
                       return absl::OkStatus();
                     }));
  // Every outcome has rows.
  if (outcome.rows.empty()) return absl::NotFoundError(absl::StrCat("no outcome under the key ", key));
  return outcome;
}

}  // namespace probesweep::server
