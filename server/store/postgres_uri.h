// Addresses of PostgreSQL databases, fit to be shown.
#ifndef PROBESWEEP_SERVER_STORE_POSTGRES_URI_H_
#define PROBESWEEP_SERVER_STORE_POSTGRES_URI_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace probesweep::server {

// "postgresql://…" or "postgres://…".
bool IsPostgresUri(absl::string_view uri);

// The URI with *** in the place of passwords, also where the rest of it is not well-formed.
std::string RedactUri(const std::string& uri);

// Errors: INVALID_ARGUMENT when libpq would not understand the URI; the message shows no password.
absl::Status CheckPostgresUri(const std::string& uri);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_POSTGRES_URI_H_
