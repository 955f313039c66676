// Entities as rows of the schema and back.
#ifndef PROBESWEEP_SERVER_STORE_SQL_ROWS_H_
#define PROBESWEEP_SERVER_STORE_SQL_ROWS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "server/domain/outcome.h"
#include "server/domain/sweep.h"
#include "server/domain/task.h"
#include "server/domain/worker.h"
#include "server/store/database.h"

namespace probesweep::server {

// Statements whose columns are those of the functions below, in order. What selects tasks adds the digest
// that stands with their outcomes.
extern const char kUpsertSweep[], kSelectSweeps[];
extern const char kUpsertTask[], kSelectTasks[];
extern const char kUpsertWorker[], kSelectWorkers[];
// Without rows and artifacts.
extern const char kInsertOutcome[], kSelectOutcome[];

SqlRow SweepToRow(const Sweep& sweep);
SqlRow TaskToRow(const Task& task);
SqlRow WorkerToRow(const Worker& worker);
SqlRow OutcomeToRow(const std::string& key, int64_t created_us, const Outcome& outcome);

// Errors: DATA_LOSS.
absl::Status SweepFromRow(const SqlRow& row, Sweep& sweep);
absl::Status TaskFromRow(const SqlRow& row, Task& task);
absl::Status WorkerFromRow(const SqlRow& row, Worker& worker);

// Reads digests and provenance.
void OriginFromRow(const SqlRow& row, Outcome& outcome);

// Values of a row; zero and "" for NULL.
int64_t IntegerAt(const SqlRow& row, size_t column);
std::string TextAt(const SqlRow& row, size_t column);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_SQL_ROWS_H_
