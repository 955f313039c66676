#ifndef PROBESWEEP_SERVER_STORE_POSTGRES_DATABASE_H_
#define PROBESWEEP_SERVER_STORE_POSTGRES_DATABASE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/database.h"

namespace probesweep::server {

struct PostgresOptions {
  // A server that says nothing for so long counts as lost: the coordinator's thread waits no longer for it.
  absl::Duration silence = absl::Seconds(8);
};

// Connects to the database that `uri` names (postgresql://USER@HOST:PORT/DATABASE?…; what it leaves out is
// taken from libpq's variables and files: PGPASSWORD, PGPASSFILE, ~/.pgpass). A connection that was lost is
// made anew by the next transaction or query. No message or log line shows a password. Errors:
// INVALID_ARGUMENT (no such URI), UNAVAILABLE.
absl::StatusOr<std::unique_ptr<Database>> OpenPostgres(const std::string& uri,
                                                       const PostgresOptions& options = {});

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_POSTGRES_DATABASE_H_
