#ifndef PROBESWEEP_SERVER_STORE_OPEN_STORE_H_
#define PROBESWEEP_SERVER_STORE_OPEN_STORE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "server/store/sql_store.h"

namespace probesweep::server {

// Opens the store that `uri` names, its schema up to date.
//
// "sqlite:///absolute/path": made with its folders when absent, locked against a second coordinator for as
// long as the store lives; leads at once. "postgresql://USER@HOST:PORT/DATABASE": several coordinators may
// open it; which of them may use it, leadership() finds out.
//
// Errors: INVALID_ARGUMENT (no such URI), FAILED_PRECONDITION (locked, not writable, written by a newer
// release), UNAVAILABLE (PostgreSQL is not reached), DATA_LOSS (not a database).
absl::StatusOr<std::unique_ptr<SqlStore>> OpenStore(const std::string& uri, Clock* clock);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_OPEN_STORE_H_
