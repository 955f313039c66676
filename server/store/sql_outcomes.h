// Results of tasks in the tables `outcomes`, `result_sets` and `artifacts`.
#ifndef PROBESWEEP_SERVER_STORE_SQL_OUTCOMES_H_
#define PROBESWEEP_SERVER_STORE_SQL_OUTCOMES_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/domain/outcome.h"
#include "server/store/database.h"

namespace probesweep::server {

// Those of the keys that have an outcome, each with its checkpoint_digest.
absl::StatusOr<std::map<std::string, std::string>> FindOutcomes(Database& database,
                                                                const std::vector<std::string>& keys);

// Inserts each outcome under its key; one that exists, or came earlier in the list, stays as it is.
absl::Status WriteOutcomes(Database& database, const std::vector<std::pair<std::string, Outcome>>& outcomes,
                           int64_t created_us);

// Errors: NOT_FOUND.
absl::StatusOr<Outcome> ReadOutcome(Database& database, const std::string& key);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_SQL_OUTCOMES_H_
