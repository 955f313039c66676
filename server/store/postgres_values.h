// Values as PostgreSQL's text format and back, and what its error codes mean.
#ifndef PROBESWEEP_SERVER_STORE_POSTGRES_VALUES_H_
#define PROBESWEEP_SERVER_STORE_POSTGRES_VALUES_H_

#include <libpq-fe.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/store/database.h"

namespace probesweep::server {

// A statement's parameters for libpq, in text format. PostgreSQL keeps no NUL and no ill-formed UTF-8: each
// becomes U+FFFD, since a text that one store takes must not be refused by the other for ever.
class PostgresParameters {
 public:
  explicit PostgresParameters(const SqlRow& row);
  int size() const { return static_cast<int>(pointers_.size()); }
  const char* const* data() const { return pointers_.data(); }

 private:
  std::vector<std::string> texts_;
  std::vector<const char*> pointers_;  // null: NULL
};

// The row `row` of `result`.
void ReadPostgresRow(const PGresult* result, int row, SqlRow& values);

// The code that an SQLSTATE (PostgreSQL's documentation, appendix A) stands for.
absl::StatusCode CodeOfSqlState(absl::string_view sql_state);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_POSTGRES_VALUES_H_
