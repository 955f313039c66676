// The schema's history. A step, once released, is never changed: a new one is added. A step leaves the
// release before it able to write: a standby of the newer release takes the step while the older one leads.
#ifndef PROBESWEEP_SERVER_STORE_MIGRATIONS_H_
#define PROBESWEEP_SERVER_STORE_MIGRATIONS_H_

#include "absl/status/status.h"
#include "server/store/database.h"

namespace probesweep::server {

// Brings the schema up to date, each step in a transaction; several processes may do so at a time. Errors:
// FAILED_PRECONDITION when the store was written by a newer release.
absl::Status Migrate(Database& database);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_MIGRATIONS_H_
