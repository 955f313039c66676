#ifndef PROBESWEEP_SERVER_STORE_OPEN_STORE_H_
#define PROBESWEEP_SERVER_STORE_OPEN_STORE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "server/store/store.h"

namespace probesweep::server {

// Opens the store that `uri` names: "sqlite:///absolute/path" (made with its folders when absent, locked
// against a second coordinator for as long as the store lives). Errors: INVALID_ARGUMENT (not such a URI),
// FAILED_PRECONDITION (locked, not writable, written by a newer release), DATA_LOSS (not a database).
absl::StatusOr<std::unique_ptr<Store>> OpenStore(const std::string& uri, Clock* clock);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_OPEN_STORE_H_
